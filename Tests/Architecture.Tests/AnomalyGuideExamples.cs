using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace Architecture.Tests;

/// <summary>The C# of docs/anomalies.md.</summary>
internal static class AnomalyGuideExamples
{
    internal static Pipeline WatchValve() => Pipeline.Define("valve", p => p
        .Input<Batch>("rows", Valves.Columns, maxRows: 32)
        .DetectAnomalies(new HotellingT2(), new() { LearnRows = 20_000, FalseAlarmRate = 1e-4 })
        .ForEach("alerts", rows =>
        {
            for (var r = 0; r < rows.Rows; r++)
            {
                if (rows["alert"].Values<int>()[r] == 1) { Console.WriteLine($"score {rows["score"].Values<float>()[r]:0.0}"); }
            }
        }));

    internal static Flow<Batch> WithAutoencoder(Flow<Batch> rows, string file)
    {
        var loaded = ModelFile.Load(file);      // as many outputs as columns, trained with SquaredError on rows that are their targets
        return rows.DetectAnomalies(new ReconstructionError((Network)loaded.Model, loaded.Weights));
    }

    internal static double CovarianceOfTwo(RowMoments own, RowMoments others)
    {
        own.Merge(others);      // as if one had seen the rows of both
        return own.Covariance(0, 1);
    }
}
