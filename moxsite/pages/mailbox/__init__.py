"""The pages of mailboxes: lists, search, what one does to messages, mailboxes themselves."""
