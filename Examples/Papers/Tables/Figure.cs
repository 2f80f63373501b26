namespace Papers;

/// <summary>A published figure and the measured one. Specified: the result of the specification's calculation.</summary>
internal sealed record Figure(string System, string What, string Published, string Specified, double Ours, string Format, string Why)
{
    internal const string Share = "+0.0 %;-0.0 %;0.0 %";

    internal string OursText => Ours.ToString(Format, CultureInfo.InvariantCulture);

    internal static IEnumerable<string> Lines(IEnumerable<Figure> figures) => figures.GroupBy(static f => f.System).SelectMany(system =>
        Table.Lines([$"<{system.Key}", "published", "specified", "ours", "<why they differ"],
            system.Select(static f => new[] { f.What, Or(f.Published), Or(f.Specified), f.OursText, f.Why })).Prepend(""));

    private static string Or(string text) => text.Length == 0 ? "-" : text;
}
