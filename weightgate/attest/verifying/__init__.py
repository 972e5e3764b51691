"""From bytes that anybody may have written to a report of what they establish."""
