"""What a caller gives, in whatever form, made into what the engine takes."""
