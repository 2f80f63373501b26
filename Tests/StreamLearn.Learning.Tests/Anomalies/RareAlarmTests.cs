using System.Globalization;

namespace StreamLearn.Learning.Tests;

/// <summary>The stated rates of false alarms, of rules that need no more than 10,000 rows, on rows that set no threshold.</summary>
public sealed class RareAlarmTests(ITestOutputHelper log)
{
    private static readonly int Rows = LongForm.IsAsked ? 200_000 : 30_000;
    private static readonly int Seeds = LongForm.IsAsked ? 10 : 3;

    private static Dictionary<string, AnomalyRule> ByName { get; } = new()
    {
        ["EWMA"] = new EwmaZScore(),
        ["EWMA, 4"] = new EwmaZScore { Limit = 4 },
        ["window"] = new WindowZScore(),
        ["T2"] = new HotellingT2(),
        ["centers"] = new CenterDistance(),
        ["trees"] = new HalfSpaceTrees(),
    };

    public static TheoryData<string, double> Cases => LongForm.IsAsked
        ? [.. ByName.Keys.SelectMany(static rule => new[] { (rule, 1e-3), (rule, 1e-4) })] : new() { { "EWMA", 1e-4 }, { "T2", 1e-4 } };

    [Theory, MemberData(nameof(Cases))]
    public void Of_usual_rows_as_many_are_alerts_as_stated(string name, double rate)
    {
        var rates = NormalStreams.Kinds.Select(kind =>
            Enumerable.Range(100, Seeds).Average(seed => Measure(ByName[name], kind, seed, rate)) / rate).ToList();
        log.WriteLine($"{name,-8} {rate.ToString("0.####", CultureInfo.InvariantCulture),-7}{string.Join(' ', rates.Append(rates.Average())
            .Select(static r => r.ToString("0.00", CultureInfo.InvariantCulture).PadLeft(8)))}");
        Assert.InRange(rates.Average(), 1 / 1.5, 1.5);
        if (!LongForm.IsAsked || name is "centers" or "trees") { return; }
        Assert.All(rates, static r => Assert.InRange(r, 1 / 1.5, 1.5));
    }

    private static double Measure(AnomalyRule rule, string kind, long seed, double rate)
    {
        var (next, row, alerts) = (NormalStreams.Make(kind, seed), new float[NormalStreams.Channels], 0L);
        var detector = new AnomalyDetector(rule, row.Length, new() { FalseAlarmRate = rate });
        for (var r = 0; r < Rows + detector.Options.LearnRows; r++)
        {
            next(row);
            alerts += detector.Judge(row).IsAlert ? 1 : 0;
        }
        return (double)alerts / Rows;
    }
}
