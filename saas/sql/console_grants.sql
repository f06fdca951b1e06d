-- Tables of Django's own apps that the console works with; no tenant-facing login can read them.
GRANT SELECT ON public.django_content_type, public.auth_permission, public.auth_group TO console;
GRANT SELECT, INSERT ON public.django_admin_log TO console;
