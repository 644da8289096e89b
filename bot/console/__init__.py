"""Pages for staff, trainers and managers. Each asks who is looking, calls the learning system, and renders a template."""
