using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using Acceptance.Tests;

namespace StreamLearn.Learning.Tests;

/// <summary>Areas under the ROC curve beside scikit-learn's isolation forest, which learns from the same rows.</summary>
public sealed class BesideIsolationForestTests(ITestOutputHelper log)
{
    private const int Channels = NormalStreams.Channels;
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "Anomalies", "forest_peer.py");

    /// <summary>Rows with channels that do not fit each other, each usual by itself: an isolation forest looks at one channel at a
    /// time.</summary>
    [LongFact]
    public void T2_is_above_an_isolation_forest_where_channels_do_not_fit_each_other()
    {
        List<Set> sets = [.. Enumerable.Range(0, 3).Select(seed => Mixed("autoregressive", seed)),
            .. Enumerable.Range(0, 3).Select(seed => Mixed("seasonal", seed))];
        var (ours, theirs) = Judge("generated", sets);
        Assert.True(ours["T²"] >= theirs, $"{ours["T²"]} {theirs}");
    }

    [LongFact]
    public void T2_is_above_an_isolation_forest_on_the_experiments_of_a_water_loop()
    {
        var folder = SharedFolders.Find("skab");
        Assert.SkipWhen(folder is null, "the experiments are not there");
        var (ours, theirs) = Judge("SKAB valve1", [.. Enumerable.Range(0, 16).Select(i =>
            Experiment(Path.Combine(folder, "valve1", $"{i}.csv.gz")))]);
        Assert.True(ours["T²"] >= theirs, $"{ours["T²"]} {theirs}");
    }

    private (Dictionary<string, double> Ours, double Theirs) Judge(string name, List<Set> sets)
    {
        Dictionary<string, double> ours = [];
        var trees = new HalfSpaceTrees(Rows: Math.Min(500, sets[0].Learn.Count / 2));
        foreach (var (rule, word) in new (AnomalyRule, string)[]
            { (new HotellingT2(), "T²"), (trees, "trees"), (new CenterDistance(), "centers") })
        {
            ours[word] = sets.Average(set => AreaOf(rule, set));
        }

        var theirs = Forest(sets);
        log.WriteLine($"{name,-12} {string.Join("  ", ours.Append(new("isolation forest", theirs)).Select(static r =>
            string.Create(CultureInfo.InvariantCulture, $"{r.Key} {r.Value:0.000}")))}");
        return (ours, theirs);
    }

    private static double AreaOf(AnomalyRule rule, Set set)
    {
        var detector = new AnomalyDetector(rule, set.Learn[0].Length, new() { LearnRows = set.Learn.Count, Threshold = 0 });
        foreach (var row in set.Learn) { detector.Judge(row); }
        var scores = set.Judge.Select((row, i) => (detector.Judge(row).Score, IsAnomaly: set.Anomalies[i]))
            .OrderBy(static s => s.Score).ToList();
        var (below, sum, anomalies) = (0.0, 0.0, set.Anomalies.Count(static a => a));
        foreach (var group in scores.GroupBy(static s => s.Score))      // ties count half
        {
            var usual = group.Count(static s => !s.IsAnomaly);
            sum += group.Count(static s => s.IsAnomaly) * (below + (usual / 2.0));
            below += usual;
        }

        return sum / (anomalies * (double)(scores.Count - anomalies));
    }

    private static double Forest(List<Set> sets)
    {
        var python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
        var folder = Directory.CreateTempSubdirectory("forest-");
        try
        {
            foreach (var (i, set) in sets.Index())
            {
                File.WriteAllLines(Path.Combine(folder.FullName, $"{i:00}.learn.csv"), set.Learn.Select(static r => Line(r)));
                File.WriteAllLines(Path.Combine(folder.FullName, $"{i:00}.judge.csv"),
                    set.Judge.Select((r, at) => Line(r) + (set.Anomalies[at] ? ",1" : ",0")));
            }

            using var process = Process.Start(new ProcessStartInfo(python, [Script, folder.FullName])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.SkipWhen(process.ExitCode != 0, "there is no scikit-learn");
            return output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Average(static l => double.Parse(l, CultureInfo.InvariantCulture));
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        static string Line(float[] row) => string.Join(',', row.Select(static v => v.ToString("R", CultureInfo.InvariantCulture)));
    }

    /// <summary>A tenth of the judged rows has two channels of another time.</summary>
    private static Set Mixed(string kind, long seed)
    {
        var (next, random) = (NormalStreams.Make(kind, seed), new RandomStream(seed, "mixed"));
        float[] Row()
        {
            var row = new float[Channels];
            next(row);
            return row;
        }

        List<float[]> learn = [.. Enumerable.Range(0, 2000).Select(_ => Row())], judge = [.. Enumerable.Range(0, 4000).Select(_ => Row())];
        bool[] anomalies = [.. judge.Select(_ => random.NextInt32(10) == 0)];
        for (var i = 0; i < judge.Count; i++)
        {
            if (!anomalies[i]) { continue; }
            var other = learn[random.NextInt32(learn.Count)];
            (judge[i][0], judge[i][2]) = (other[0], other[2]);
        }

        return new(learn, judge, anomalies);
    }

    /// <summary>The first 400 rows are learned from.</summary>
    private static Set Experiment(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        var rows = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(static l => l.TrimEnd('\r').Split(';'))
            .Select(static f => (Values: f[1..9].Select(static v => float.Parse(v, CultureInfo.InvariantCulture)).ToArray(), f[9]))
            .ToList();
        return new([.. rows.Take(400).Select(static r => r.Values)], [.. rows.Skip(400).Select(static r => r.Values)],
            [.. rows.Skip(400).Select(static r => r.Item2 != "0.0")]);
    }

    private sealed record Set(List<float[]> Learn, List<float[]> Judge, bool[] Anomalies);
}
