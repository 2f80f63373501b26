namespace StreamLearn.Simulated;

/// <summary><paramref name="Takeaway"/>: the section's conclusion.</summary>
internal sealed record Section(string Id, string Title, IReadOnlyList<string> Takeaway, string Note, Fragment Body)
{
    internal Fragment Draw() => Fragment.Of(
        $"""
        <section id="{Id}" aria-labelledby="{Id}-heading">
        <div class="lead"><h2 id="{Id}-heading">{Title}</h2>
        {Takeaway.Where(t => t.Length > 0).Select(t => Fragment.Of($"<p>{t}</p>\n"))}<p class="note">{Note}</p></div>
        <div class="body">
        {Body}</div>
        </section>

        """);

    internal static Fragment Figure(string heading, Fragment plot, Fragment table) => Fragment.Of(
        $"""
        <figure>
        {(heading.Length == 0 ? Fragment.Empty : Fragment.Of($"<h3>{heading}</h3>\n"))}{plot}{table}</figure>

        """);
}
