
namespace StreamLearn.Simulated;

/// <summary>How close a model's values are on windows that it did not learn from.</summary>
internal sealed record ValuesJudged(string Target, string Unit, double Error, long Windows)
{
    public IReadOnlyList<double> Interval { get; init; } = [];      // error on other devices like them, 95 % confidence; empty: unknown
    public IReadOnlyList<string> Beside { get; init; } = [];        // errors of answers that need no model, and the bound
    public string Later { get; init; } = "";                        // errors on later times, as a sentence; empty: no forecast
    public bool AreUnseen { get; init; }                            // true if the devices did not learn
    public required IReadOnlyList<(string Name, long Windows, double Error)> Devices { get; init; }
    public required IReadOnlyList<(string Device, float True, float Answer)> Answers { get; init; }     // in time order per device
    public IReadOnlyList<IReadOnlyList<string>> Runs { get; init; } = [];       // of fleets

    internal string Text(double value) => Figures.Number(value, "G4") + (Unit is "1" or "" ? "" : $"\u00a0{Unit}");
}

internal static class ValuesSection
{
    private static readonly string[] RunHeads = ["<mode", "mean error", "versions", "virtual time", "windows learned", "bytes up"];

    private const int Parts = 20;           // of a recording
    private const int Sizes = 6;
    private const int MaxPoints = 500;      // of a curve

    internal static string Sentence(ValuesJudged values) =>
        $"{values.Later}{Figures.Sentence(values.Target)} is off by {values.Text(values.Error)} on average, on "
        + $"{Figures.Count(values.Windows, "window")} "
        + AnswerSection.Of(values.AreUnseen ? values.Devices.Count : 0, "devices", values.Interval, values.Text);

    internal static Section? Of(RunStory story)
    {
        if (story.Values is not { } values || values.Answers.Count == 0) { return null; }
        var worst = values.Devices.MaxBy(static d => d.Error);
        var unit = values.Unit is "1" or "" ? "" : $" in {values.Unit}";
        return new("errors", "Error over time and by size",
            [$"Errors are absolute{unit}: the distance of an answer to the true value."],
            "Each recording is cut into twenty parts of as many windows; the curve is the mean over devices.",
            Fragment.Of(
                $"""
                {Section.Figure($"Answers and true values of {worst.Name}{(values.Devices.Count > 1 ? ", the worst" : "")}",
                    Followed(values, worst.Name), Fragment.Empty)}
                {Section.Figure("Error over time", OverTime(values), Fragment.Empty)}
                {BySize(values)}
                """));
    }

    internal static Section? Fleet(RunStory story) => story.Values is not { Runs: { Count: > 0 } runs } ? null
        : new("fleet", "The fleet", ["The devices learned together, in virtual time."], "",
            Tables.Table("Runs of the fleet", RunHeads, runs.Select(static r => Tables.Cells([.. r]))));

    private static Fragment Followed(ValuesJudged values, string device)
    {
        var own = values.Answers.Where(a => a.Device == device).ToList();
        var step = Math.Max(1, (own.Count + MaxPoints - 1) / MaxPoints);
        var shown = own.Index().Where(a => a.Index % step == 0).ToList();
        return new Chart($"True values and answers of {device}, window by window")
        {
            Curves =
            [
                new("true", "c0", shown.Select(static a => (double[])[a.Index + 1, a.Item.True])),
                new("answer", "c1", shown.Select(static a => (double[])[a.Index + 1, a.Item.Answer])),
            ],
            Low = own.Min(static a => Math.Min(a.True, a.Answer)),
            High = own.Max(static a => Math.Max(a.True, a.Answer)) + 1e-6,      // a range also of equal values
            XUnit = "window",
            XShort = "",
            XName = "window",
            Height = 240,
        }.Draw();
    }

    private static Fragment OverTime(ValuesJudged values)
    {
        var parts = values.Answers.GroupBy(static a => a.Device).SelectMany(static device =>
        {
            var all = device.ToList();
            return all.Select((a, i) => (Part: (long)i * Parts / all.Count, Error: Math.Abs((double)a.True - a.Answer)));
        }).GroupBy(static e => e.Part).OrderBy(static g => g.Key).ToList();
        return new Chart("Mean error over the course of the recordings")
        {
            Curves = [new("error", "c0", parts.Select(static g => (double[])[100.0 * (g.Key + 0.5) / Parts, g.Average(e => e.Error)]))],
            XUnit = "% of the recording",
            XShort = "%",
            XName = "at",
            XHigh = 100,
            Height = 180,
        }.Draw();
    }

    private static Fragment BySize(ValuesJudged values)
    {
        var sorted = values.Answers.OrderBy(static a => a.True).ToList();
        var sizes = sorted.Chunk(Math.Max(1, (sorted.Count + Sizes - 1) / Sizes)).Select(part => (
            Name: $"{Figures.Number(part[0].True, "G3")} to {Figures.Number(part[^1].True, "G3")}", part.Length,
            Error: part.Average(static a => Math.Abs((double)a.True - a.Answer)))).ToList();
        var chart = new Chart("Mean error by the size of the true value")
        {
            Rows = sizes.Select(static s => s.Name),
            Bars = [Bars.Of("error", "c0", sizes, static s => s.Error, values.Text)],
        };
        return Section.Figure($"Error by size of {values.Target}", chart.Draw(), Fragment.Empty);
    }
}
