"""What the laws of all places share: the words of their facts, and how days, hours, contacts and limits are counted.

The authority is section 0 of the rule sheet; a compliance pack builds its rules from these pieces.
"""
