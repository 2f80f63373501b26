using StreamLearn.Models;
using StreamLearn.Operators;
using StreamLearn.Samples;
using StreamLearn.Simulation;

namespace StreamLearn.Torch.Tests;

/// <summary>Windows of activities: recorded ones where the data are there, and generated ones.</summary>
internal static class HarRows
{
    internal const int Samples = 128, Classes = 6;
    internal static readonly Shape Window = new(6, Samples);

    /// <summary>The recordings; null where they are not there.</summary>
    internal static HarRecordings? Recordings { get; } = Find() is { } folder ? HarRecordings.Open(folder) : null;

    /// <summary>Windows of recorded people.</summary>
    internal static RecordedRows Of(HarRecordings recordings, params IEnumerable<int> people) => Collect(people, (p, person) =>
        p.FromHar(recordings, person, new() { SpeedUp = double.PositiveInfinity })
            .Window(Samples, Samples / 2, new() { Segment = "recording" }));

    /// <summary>Windows of generated people.</summary>
    internal static RecordedRows Generated(int minutes, params IEnumerable<int> people) => Collect(people, (p, person) => p.FromHarStream(
        new() { User = person, Seed = 1, Duration = TimeSpan.FromMinutes(minutes), SpeedUp = double.PositiveInfinity })
        .Window(Samples, Samples / 2));

    /// <summary>Share of the rows that are answered right.</summary>
    internal static double Accuracy(IModel model, Weights weights, RecordedRows rows)
    {
        var outputs = new float[rows.Count * Classes];
        model.Infer(weights, weights.Values.AsSpan(), new(rows.Features.Span, rows.Count), outputs, new());
        var right = 0;
        for (var r = 0; r < rows.Count; r++)
        {
            right += ModelPlan.ClassOf(outputs.AsSpan(r * Classes, Classes)) == rows.Labels.Span[r] ? 1 : 0;
        }
        return (double)right / rows.Count;
    }

    private static RecordedRows Collect(IEnumerable<int> people, Func<PipelineBuilder, int, Flow<Batch>> windows)
    {
        var collector = new RowCollector(Samples);
        using var world = new VirtualWorld();
        foreach (var (group, person) in people.Index())
        {
            world.Add(Pipeline.Define($"person-{person}", p => windows(p, person).ForEach("collect", b => collector.Add(b, group))));
        }
        world.RunToEnd();
        return collector.ToRows();
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("STREAMLEARN_DATA") is { Length: > 0 } data) { return Existing(Path.Combine(data, "har")); }
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Existing(Path.Combine(folder.FullName, "shared", "data", "har")) is { } found) { return found; }
        }
        return null;
    }

    private static string? Existing(string folder) => Directory.Exists(folder) ? folder : null;
}
