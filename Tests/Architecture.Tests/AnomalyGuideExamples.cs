using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace Architecture.Tests;

/// <summary>The C# of docs/guides/anomalies.md.</summary>
internal static class AnomalyGuideExamples
{
    internal static Pipeline WatchValve() => Pipeline.Define("valve", p => p
        .Input<Batch>("rows", Valves.Columns, maxRows: 32)
        .DetectAnomalies(AnomalyRule.HotellingT2(), new() { LearnRows = 20_000, FalseAlarmRate = 1e-4 })
        .ForEach("alerts", rows =>
        {
            for (var r = 0; r < rows.Rows; r++)
            {
                if (rows["alert"].Values<int>()[r] == 1) { Console.WriteLine($"score {rows["score"].Values<float>()[r]:0.0}"); }
            }
        }));

    internal static Flow<Batch> WithAutoencoder(Flow<Batch> rows, string file)
    {
        var loaded = ModelFile.Load(file);      // one output per column, trained with SquaredError to reproduce its input
        return rows.DetectAnomalies(AnomalyRule.ReconstructionError((Network)loaded.Model, loaded.Weights));
    }

    internal static double CovarianceOfTwo(RowMoments own, RowMoments others)
    {
        own.Merge(others);      // as if one had seen the rows of both
        return own.Covariance(0, 1);
    }

    internal static Pipeline Pump(string name, ITransport site) => Pipeline.Define(name, p => p
        .Input<Batch>("rows", Valves.Columns)
        .ShareMoments(name)
        .Publish(site, $"moments/{name}", DeviceMoments.Codec));

    internal static Pipeline Site(ITransport site, Action<FleetMoments> take) => Pipeline.Define("site", p => p
        .Subscribe(site, "moments/+", DeviceMoments.Codec)
        .MergeMoments()
        .ForEach("fleet", take));

    internal static AnomalyScore LastOf(IEnumerable<float[]> rows)
    {
        var detector = new AnomalyDetector(AnomalyRule.HotellingT2(), channels: 2, new() { LearnRows = 1000 });
        var last = default(AnomalyScore);
        foreach (var row in rows)
        {
            if (detector.Takes(row)) { last = detector.Judge(row); }
        }

        return last;        // its score, whether it is an alert, and which channel stands out
    }
}
