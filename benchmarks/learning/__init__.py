"""What learning saves, and what it costs where it is misled: contenders in worlds that know nothing of them."""
