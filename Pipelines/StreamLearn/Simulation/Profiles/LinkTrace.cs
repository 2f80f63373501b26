using System.Globalization;

namespace StreamLearn.Simulation;

/// <summary>Recorded link rates: lines <c>t,bit/s</c>.</summary>
internal static class LinkTrace
{
    private const double MaxSeconds = 1e9;      // 31 years
    private const double MaxBitsPerSecond = 1e15;
    private const int ShownCharacters = 60;

    internal static LinkProfile Read(string path)
    {
        try { return Of(Points(path, File.ReadLines(path)), path); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ScenarioException($"{path}: cannot be read: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    private static List<(TimeSpan At, double Rate)> Points(string path, IEnumerable<string> lines)
    {
        var points = new List<(TimeSpan At, double Rate)>();
        var number = 0;
        var last = -1.0;
        foreach (var line in lines)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line)) { continue; }
            var cells = line.Split(',');
            if (number == 1 && cells.Length == 2 && !TryRead(cells[0], out _) && !TryRead(cells[1], out _)) { continue; }
            if (cells.Length != 2) { throw Wrong("a time and a rate with a comma between them", line); }
            if (!TryRead(cells[0], out var at) || at < 0 || at > MaxSeconds) { throw Wrong("a time of 0 to 1e9 s", cells[0]); }
            if (at <= last) { throw Wrong(string.Create(CultureInfo.InvariantCulture, $"a time after {last} s"), cells[0]); }
            if (!TryRead(cells[1], out var rate) || rate is < 0 or > MaxBitsPerSecond)
            {
                throw Wrong("a rate of 0 to 1e15 bit/s", cells[1]);
            }

            points.Add((TimeSpan.FromSeconds(at), rate));
            last = at;
        }

        return points;

        ScenarioException Wrong(string expected, string got) => new($"{path}:{number}: expected {expected}, got '{Shown(got)}'");
    }

    /// <summary>Creates a profile. Rates of zero become outages; other rates become shares of the first rate.</summary>
    private static LinkProfile Of(List<(TimeSpan At, double Rate)> points, string path)
    {
        var usual = points.Find(static p => p.Rate > 0).Rate;
        if (usual == 0) { throw new ScenarioException($"{path}: expected a line with a rate above 0, got none"); }
        points[0] = (TimeSpan.Zero, points[0].Rate);
        var (rates, outages) = (new List<(TimeSpan At, double Speed)>(), new List<(TimeSpan From, TimeSpan To)>());
        for (var i = 0; i < points.Count; i++)
        {
            var (at, rate) = points[i];
            if (rate > 0) { rates.Add(new(at, rate / usual)); }
            else if (outages is [.., var before] && before.To == at) { outages[^1] = before with { To = End(i) }; }
            else { outages.Add(new(at, End(i))); }
        }

        return new() { UpBitsPerSecond = usual, DownBitsPerSecond = usual, RateTrace = [.. rates], Outages = [.. outages] };

        TimeSpan End(int i) => i + 1 < points.Count ? points[i + 1].At : VirtualTime.Never;
    }

    private static bool TryRead(string cell, out double value) =>
        double.TryParse(cell.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    private static string Shown(string text) => PrintableText.Of(text.Trim(), ShownCharacters);
}
