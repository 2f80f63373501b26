using System.CommandLine;
using System.Globalization;
using StreamLearn.Tables;

namespace Aggregator;

internal static class KeptModelsCommand
{
    private const int NamesShown = 6;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    internal static Command Create(ConfigCommands<AggregatorConfig> commands)
    {
        var version = new Option<long?>("--version") { Description = "The version; default: the newest.", HelpName = "number" };
        var number = new Argument<long?>("number")
        {
            Description = "The version; without it, the newest.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var show = commands.Reading("show", "Show a version: models show 7 -c aggregator.yaml.", (config, result) =>
            AskAsync(config.Value, (kept, store, _) =>
                Task.FromResult(Show(kept, store, result.GetValue(number) ?? result.GetValue(version)))),
            version);
        show.Add(number);
        var file = new Option<FileInfo>("--to")
        {
            Description = "The file to write: model.safetensors.",
            HelpName = "file",
            Required = true,
        };
        var export = commands.Reading("export",
            "Write a version to a safetensors file: models export --to model.safetensors -c aggregator.yaml.",
            (config, result) => ExportAsync(config.Value, result.GetValue(version), result.GetRequiredValue(file)), version, file);
        return new("models", "The stored versions of the model: the newest every ten seconds, and the last.")
        {
            commands.Reading("ls", "List them.",
                static (config, _) => AskAsync(config.Value, static (kept, store, _) => Task.FromResult(List(kept, store)))),
            show,
            export,
        };
    }

    /// <summary>Returns the registry on the NATS server if the fleet uses NATS, otherwise the state folder.</summary>
    internal static IModelStore StoreOf(AggregatorConfig config)
    {
        var (link, model, card) = (config.Link, config.Model.Create(), config.Model.Card);
        card = card with { Provenance = card.Provenance.SetItem("fleet", link.Fleet) };
        return link.Url.Scheme is "nats" or "tls"
            ? new RegistryModels(EdgeServer.OpenNatsClient(link.Url, link.Login), EdgeServer.NameOf(link.Url), link.Fleet, model,
                card)
            : new FolderModels(link.OpenState().Of("models"), model,
                card,
                static damaged => Console.Error.WriteLine($"streamlearn-aggregator: {damaged}"));
    }

    private static async Task<int> AskAsync(
        AggregatorConfig config, Func<IReadOnlyList<KeptModel>, IModelStore, CancellationToken, Task<int>> answer)
    {
        var store = StoreOf(config);
        await using var _ = store.ConfigureAwait(false);
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        try
        {
            var kept = await store.ListAsync(patience.Token).ConfigureAwait(false);
            return await answer(kept, store, patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or TransportException)
        {
            var why = e is OperationCanceledException ? "the server did not answer in time" : e.Message.ReplaceLineEndings(" ");
            Console.Error.WriteLine($"streamlearn-aggregator: {store.Place}: {why}");
            return ProgramExit.NoLink;
        }
    }

    private static int List(IReadOnlyList<KeptModel> kept, IModelStore store)
    {
        if (kept.Count == 0) { Console.Out.WriteLine($"no version is kept in {store.Place}"); }
        else { Console.Out.WriteLine($"{"version",9}  {"kept (UTC)",-19}  {"bytes",9}  {"accuracy",8}  devices"); }
        foreach (var model in kept)
        {
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{model.Version,9}  {model.Created.UtcDateTime:yyyy-MM-dd HH:mm:ss}  {model.Bytes,9}  {Accuracy(model),8}  ")
                + Devices(model));
        }

        return ProgramExit.Done;
    }

    private static Task<int> ExportAsync(AggregatorConfig config, long? version, FileInfo file) =>
        AskAsync(config, async (kept, store, patience) =>
        {
            if (Find(kept, store, version) is not { } model) { return ProgramExit.DataRefused; }
            StatusFile.Replace(file.FullName, await store.ReadAsync(model.Version, patience).ConfigureAwait(false));
            Console.Out.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"version {model.Version} is in {file}, {model.Bytes} bytes"));
            return ProgramExit.Done;
        });

    /// <summary>Finds a version; returns null and reports it if there is none.</summary>
    private static KeptModel? Find(IReadOnlyList<KeptModel> kept, IModelStore store, long? version)
    {
        var found = version is null ? kept is [.., var last] ? last : null : kept.FirstOrDefault(m => m.Version == version);
        if (found is null)
        {
            Console.Error.WriteLine(version is null ? $"streamlearn-aggregator: {store.Place} has no version"
                : $"streamlearn-aggregator: {store.Place} has no version {version}; models ls lists its versions");
        }

        return found;
    }

    private static int Show(IReadOnlyList<KeptModel> kept, IModelStore store, long? version)
    {
        if (Find(kept, store, version) is not { } model) { return ProgramExit.DataRefused; }
        string[] lines =
        [
            FormattableString.Invariant($"version   {model.Version}"),
            FormattableString.Invariant($"kept      {model.Created.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC"),
            FormattableString.Invariant($"bytes     {model.Bytes}"),
            $"sha256    {model.Sha256}",
            $"accuracy  {Accuracy(model)}",
            $"devices   {string.Join(", ", model.Contributors)}",
        ];
        foreach (var line in lines) { Console.Out.WriteLine(line); }
        return ProgramExit.Done;
    }

    private static string Accuracy(KeptModel model) => model.Accuracy?.ToString("0.000", CultureInfo.InvariantCulture) ?? "-";

    private static string Devices(KeptModel model) => string.Join(", ", model.Contributors.Take(NamesShown))
        + (model.Contributors.Length > NamesShown
            ? string.Create(CultureInfo.InvariantCulture, $" and {model.Contributors.Length - NamesShown} more") : "");
}
