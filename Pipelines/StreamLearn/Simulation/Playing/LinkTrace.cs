using System.Globalization;

namespace StreamLearn.Simulation;

/// <summary>Recorded link rates: lines <c>t,bit/s</c>.</summary>
public static class LinkTrace
{
    private const double MaxSeconds = 1e9;      // 31 years
    private const double MaxBitsPerSecond = 1e15;
    private const int ShownCharacters = 60;

    /// <summary>Reads a trace as a link without delay, equal in both directions.</summary>
    /// <remarks> Each line has an increasing time in seconds and the rate from then on; the first rate also holds before. A rate of 0 is an
    /// outage. The first line may be a header. Empty lines are skipped. </remarks>
    /// <param name="path">The file.</param>
    /// <exception cref="LinkTraceException">The file cannot be read, or is not a trace; the message names the line.</exception>
    public static LinkProfile Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return Of(Points(path, File.ReadLines(path)), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LinkTraceException($"{path}: cannot be read: {e.Message.ReplaceLineEndings(" ")}");
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

        LinkTraceException Wrong(string expected, string got) => new($"{path}:{number}: expected {expected}, got '{Shown(got)}'");
    }

    /// <summary>Makes a profile: zero rates become outages, others shares of the first rate.</summary>
    private static LinkProfile Of(List<(TimeSpan At, double Rate)> points, string path)
    {
        var usual = points.Find(static p => p.Rate > 0).Rate;
        if (usual == 0) { throw new LinkTraceException($"{path}: expected a line with a rate above 0, got none"); }
        points[0] = (TimeSpan.Zero, points[0].Rate);
        var (rates, outages) = (new List<SpeedChange>(), new List<Outage>());
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
