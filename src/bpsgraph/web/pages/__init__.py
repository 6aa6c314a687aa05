"""What the pages show, as plain values made from saved queries; templates only lay them out."""
