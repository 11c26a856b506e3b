"""What commands show, as pure functions of messages: JSON in the contract's words, and text for people."""
