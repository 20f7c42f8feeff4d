"""What registration hooks hand over: narrow objects without state beyond `start()` and `stop()`."""
