"""What a domain needs in DNS: the one description that the records to publish and the check are made from."""
