using System.Globalization;
using System.Text;
using StreamLearn.Learning;

namespace Quickstart;

/// <summary>Makes the result of a run and writes its files.</summary>
internal static class FleetReport
{
    internal static FleetResult Of(QuickstartOptions options, FleetSource source, RunningFleet fleet, TimeSpan wall)
    {
        var ledger = RowLedger.Of(fleet.Members.Select(m => m.Metrics));
        var judged = fleet.Watch.Newest ?? throw new QuickstartException("the aggregator never judged a version", ExitCode.Failed);
        var devices = fleet.Members.Select(m => DeviceOf(m, fleet.Watch)).ToList();
        var evaluations = fleet.Members.Select(m => fleet.Watch.Of(m.Name)).OfType<Evaluation>().ToList();
        return new()
        {
            Host = options.Replay is null ? options.Host.ToString().ToLowerInvariant() : "replay",
            Data = source.Description,
            Aggregation = options.Aggregation.ToString().ToLowerInvariant(),
            Seed = options.Seed,
            Accuracy = judged.Evaluation.Accuracy,
            Kappa = judged.Evaluation.Kappa,
            TestRows = judged.Evaluation.Rows,
            PrequentialAccuracy = evaluations.Sum(e => (double)e.Correct) / Math.Max(1, evaluations.Sum(e => e.Rows)),
            WeightsSha256 = judged.Weights.Sha256(),
            Versions = judged.Weights.Version,
            UpdatesApplied = fleet.Aggregator["aggregate"].Counter("updates-applied"),
            UpdatesRefused = new(fleet.Aggregator["aggregate"].Drops.ToDictionary(), StringComparer.Ordinal),
            RowsIn = ledger.In,
            RowsWindowed = ledger.Windowed,
            RowsHeld = ledger.Held,
            RowsDropped = ledger.Dropped,
            RowsTrained = ledger.Trained,
            LedgerAddsUp = ledger.AddsUp,
            BytesUp = devices.Sum(d => d.BytesUp),
            VirtualSeconds = fleet.IsVirtual && options.Replay is null ? fleet.Elapsed().TotalSeconds : null,
            WallSeconds = Math.Round(wall.TotalSeconds, 3),
            Events = fleet.Events(),
            Devices = devices,
        };
    }

    internal static async Task WriteAsync(
        QuickstartOptions options, FleetSource source, IModel model, RunningFleet fleet, FleetResult result)
    {
        if (options.Json is not null) { await Files.WriteAsync(options.Json, result.ToJson() + "\n").ConfigureAwait(false); }
        if (options.Out is not { } folder) { return; }
        var pipelines = Texts.Both(options, source, model);
        await Write("result.json", result.ToJson() + "\n").ConfigureAwait(false);
        await Write("accuracy.csv", Csv(fleet)).ConfigureAwait(false);
        await Write("accuracy.svg", AccuracyPlot.Svg(fleet)).ConfigureAwait(false);
        await Write("explain.txt", string.Join('\n', pipelines.Select(p => p.Explain()))).ConfigureAwait(false);
        foreach (var (name, pipeline) in new[] { ("sensor", pipelines[0]), ("aggregator", pipelines[1]) })
        {
            await Write($"{name}.mmd", pipeline.ToMermaid()).ConfigureAwait(false);
            await Write($"{name}.dot", pipeline.ToDot()).ConfigureAwait(false);
        }

        Task Write(string name, string text) => Files.WriteAsync(new(Path.Join(folder.FullName, name)), text);
    }

    private static DeviceResult DeviceOf(FleetMember member, FleetWatch watch) => new()
    {
        Name = member.Name,
        Speed = Math.Round(member.Speed, 4),
        Rows = member.RowsMade,
        Windows = member.Metrics["window"].ItemsOut,
        RowsTrained = member.Metrics.Total("rows-trained"),
        Updates = member.Updates,
        PrequentialAccuracy = Math.Round(watch.Of(member.Name)?.Accuracy ?? 0, 4),
        BytesUp = member.BytesUp,
        BusySeconds = Math.Round(member.Metrics.Blocks.Sum(b => b.Busy.TotalSeconds), 3),
        EndedAtVirtualSeconds = member.EndedAt()?.TotalSeconds,
        Failure = member.Failure(),
    };

    private static string Csv(RunningFleet fleet)
    {
        var text = new StringBuilder("seconds,version,accuracy,kappa,loss\n");
        var start = fleet.Watch.Judgments.FirstOrDefault()?.Time;
        foreach (var judgment in fleet.Watch.Judgments)
        {
            var e = judgment.Evaluation;
            text.Append(CultureInfo.InvariantCulture,
                $"{(judgment.Time - start!.Value).TotalSeconds:0.###},{judgment.Weights.Version},"
                    + $"{e.Accuracy:0.#####},{e.Kappa:0.#####},{e.Loss:0.#####}\n");
        }

        return text.ToString();
    }
}
