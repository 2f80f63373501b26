using System.IO.Compression;
using System.Text.Json;

namespace Acceptance.Tests;

/// <summary>Section 9.8b, AT-9k: anomalies in a water loop and in 35 series, found without labels.</summary>
public sealed class At09Anomalies(ITestOutputHelper log)
{
    /// <summary>T² of each experiment's first 400 rows as they were learned from, half of which set the threshold: no figure but the rate
    /// is chosen.</summary>
    [Fact]
    public void T2_finds_the_closed_valve_with_an_F1_of_at_least_62_in_100()
    {
        var folder = SharedFolders.Find("skab");
        Assert.SkipWhen(folder is null, "the experiments are not there");
        var (found, wrong, missed, usual) = (0, 0, 0, 0);
        for (var experiment = 0; experiment < 16; experiment++)
        {
            var rows = Fields(Path.Combine(folder, "valve1", $"{experiment}.csv.gz"), ';');
            var alerts = Alerts(rows.Select(static r => r[1..9].Select(Number).ToArray()).ToList(),
                new HotellingT2(), new() { LearnRows = 400, FalseAlarmRate = 0.01 });
            for (var r = 0; r < alerts.Length; r++)
            {
                var isAnomaly = rows[r][9] != "0.0";
                if (alerts[r]) { (found, wrong) = isAnomaly ? (found + 1, wrong) : (found, wrong + 1); }
                else { (missed, usual) = isAnomaly ? (missed + 1, usual) : (missed, usual + 1); }
            }
        }

        var f1 = 2.0 * found / ((2 * found) + wrong + missed);
        log.WriteLine(FormattableString.Invariant(
            $"F1 {f1:0.000}, false alarms {(double)wrong / (wrong + usual):0.000}, missed {(double)missed / (missed + found):0.000}"));
        Assert.True(f1 >= 0.62, $"{f1}");
    }

    /// <summary>As the reference: the first 15 % are silent; a window is hit if any of its rows is an alert; alerts outside are
    /// false.</summary>
    [Theory]
    [InlineData(100, 4, false)]
    [InlineData(30, 3.5, true)]
    public void Z_scores_hit_44_of_55_windows_with_at_most_1809_false_alarms(int rows, double threshold, bool isWeighted)
    {
        var folder = SharedFolders.Find("nab");
        Assert.SkipWhen(folder is null, "the series are not there");
        AnomalyRule rule = isWeighted ? new EwmaZScore(rows) : new WindowZScore(rows);
        var (hit, all, wrong) = (0, 0, 0);
        using var windows = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "combined_windows.json")));
        foreach (var series in windows.RootElement.EnumerateObject())
        {
            var path = Path.Combine(folder, $"{series.Name}.gz");
            if (!File.Exists(path)) { continue; }
            var values = Fields(path, ',');
            var alerts = Alerts([.. values.Select(static r => new[] { Number(r[1]) })], rule,
                new() { LearnRows = (int)(0.15 * values.Count), Threshold = threshold });
            (string First, string Last)[] anomalies = [.. series.Value.EnumerateArray().Select(static w => (Second(w[0]), Second(w[1])))];
            bool Within(int row, (string First, string Last) window) =>
                string.CompareOrdinal(values[row][0], window.First) >= 0 && string.CompareOrdinal(values[row][0], window.Last) <= 0;
            int[] alarms = [.. Enumerable.Range(0, alerts.Length).Where(r => alerts[r])];
            (hit, all) = (hit + anomalies.Count(w => alarms.Any(r => Within(r, w))), all + anomalies.Length);
            wrong += alarms.Count(r => !anomalies.Any(w => Within(r, w)));
        }

        log.WriteLine($"{rule}: {hit} of {all} windows, {wrong} false alarms");
        Assert.Equal(55, all);
        Assert.True(hit >= 44 && wrong <= 1809, $"{hit}, {wrong}");
    }

    private static string Second(JsonElement time) => time.GetString()![..19];

    private static float Number(string text) => float.Parse(text, CultureInfo.InvariantCulture);

    private static bool[] Alerts(List<float[]> rows, AnomalyRule rule, AnomalyOptions options)
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(flow => flow.DetectAnomalies(rule, options), Batches.Channels(rows[0].Length));
        probe.Send(Batches.OfChannels(probe.Pool, [.. Enumerable.Range(0, rows[0].Length).Select(c => rows.Select(r => r[c]).ToArray())]));
        using var judged = probe.Take<Batch>();
        return [.. judged["alert"].Values<int>().ToArray().Select(static a => a == 1)];
    }

    private static List<string[]> Fields(string path, char delimiter)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(l => l.TrimEnd('\r').Split(delimiter))];
    }
}
