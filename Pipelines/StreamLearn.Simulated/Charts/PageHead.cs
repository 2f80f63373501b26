namespace StreamLearn.Simulated;

/// <summary>The page needs no network and no script.</summary>
internal static class PageHead
{
    internal static Fragment Of(string title) => Fragment.Of(
        $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>{title}</title>
        <style>{new Fragment(PageStyle.Page + PageStyle.Plot)}</style>
        </head>
        """);
}
