using System.Collections.Immutable;
using StreamLearn;
using StreamLearn.Nats;
using StreamLearn.Programs;

namespace Tool;

/// <summary>Adds the best and the last version to the model registry of a NATS server.</summary>
internal static class FleetRegistry
{
    internal const string ModelName = "quickstart";

    /// <summary>The last version becomes the latest.</summary>
    internal static async Task<(ImmutableArray<long> Versions, string Text)?> AddAsync(
        JobOptions options, FleetModel model, JudgedRun run, ExitStudy exits, CancellationToken cancellationToken)
    {
        if (options.Link is not { Scheme: "nats" or "tls" } server) { return null; }
        if (run.Run.Fleet.WasGivenUp) { return ([], "no version registered: the run was stopped early"); }
        using var patience = new CancellationTokenSource(options.LinkTimeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var connection = EdgeServer.OpenNatsClient(server, options.Login);
        await using var _ = connection.ConfigureAwait(false);
        try
        {
            var registry = await ModelRegistry.OpenAsync(connection, either.Token).ConfigureAwait(false);
            List<long> added = [];
            List<string> names = [];
            foreach (var judged in new[] { run.Best, run.Judgments[^1] }.DistinctBy(static j => j.Weights.Version))
            {
                var bytes = SavedModel.BytesOf(model, judged.Weights, judged == run.Judgments[^1] ? exits : null);
                var lineage = LineageOf(model, run, judged, added is [.., var before] ? before : null);
                added.Add((await registry.AddAsync(ModelName, version: null, bytes, lineage, either.Token).ConfigureAwait(false)).Version);
                var name = judged.Weights.Version != run.Judgments[^1].Weights.Version ? "the best"
                    : added.Count == 1 ? "the best and the last" : "the last";
                names.Add(FormattableString.Invariant(
                    $"{added[^1]}: {name} (version {judged.Weights.Version}, {judged.Evaluation.Accuracy:0.000})"));
            }

            return ([.. added], $"'{ModelName}' {string.Join(", ", names)}; "
                + $"streamlearn models export {ModelName} {options.LinkName} --version {added[^1]} --to {SavedModel.FileName}"
                + (options.Login is { } login ? $" --login {login}" : ""));
        }
        catch (Exception e) when (e is TransportException or InvalidOperationException or InvalidDataException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            var why = e is OperationCanceledException ? "the server did not answer in time" : e.Message.ReplaceLineEndings(" ");
            return ([], $"no version registered: {why}");
        }
    }

    private static ModelLineage LineageOf(FleetModel model, JudgedRun run, Judgment judged, long? before) => new()
    {
        Base = before,
        Contributors = [.. run.CutOff.Rounds.Where(r => r.Version <= judged.Weights.Version).SelectMany(static r => r.Contributions)
            .Select(static c => c.Device).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        Metrics = ImmutableSortedDictionary<string, double>.Empty
            .Add("accuracy", judged.Evaluation.Accuracy)
            .Add("kappa", judged.Evaluation.Kappa)
            .Add("fleet-version", judged.Weights.Version)
            .Add("test-rows", judged.Evaluation.Rows),
        SchemaHash = model.Source.Schema.Hash,
        Format = "safetensors",
    };
}
