"""OpenSSF model signing (OMS) v1.0: signatures over a model's files or shards, written and read, and held to a model.

Source: ossf/model-signing-spec, spec/v1.0.md, and the forms that earlier releases of ``model_signing`` wrote.
"""
