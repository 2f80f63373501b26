using System.CommandLine;
using System.Globalization;
using StreamLearn;
using StreamLearn.Fleets;
using StreamLearn.Nats;

namespace Aggregator;

/// <summary><c>models ls</c> and <c>models show</c>: the versions that were kept.</summary>
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
        var show = commands.Reading("show", "Show one: models show 7 -c aggregator.yaml.", (config, result) =>
            ShowAsync(config.Value, kept => Show(kept, result.GetValue(number) ?? result.GetValue(version))), version);
        show.Add(number);
        return new("models", "The versions of the model that were kept: the newest every ten seconds, and the last.")
        {
            commands.Reading("ls", "List them.", static (config, _) => ShowAsync(config.Value, List)),
            show,
        };
    }

    /// <summary>Where the versions of a fleet are kept: with NATS in the server's registry, otherwise in the state folder.</summary>
    internal static IModelStore StoreOf(AggregatorConfig config)
    {
        var (link, model) = (config.Link, config.Model.Create());
        return link.Url.Scheme is "nats" or "tls"
            ? new RegistryModels(EdgeServer.OpenNats(link.Url, link.Login), link.Fleet, model)
            : new FolderModels(link.OpenState().Of("models"), model);
    }

    private static async Task<int> ShowAsync(AggregatorConfig config, Func<IReadOnlyList<KeptModel>, int> show)
    {
        var store = StoreOf(config);
        await using var _ = store.ConfigureAwait(false);
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        try
        {
            return show(await store.ListAsync(patience.Token).ConfigureAwait(false));
        }
        catch (Exception e) when (e is OperationCanceledException or TransportException or JetStreamException)
        {
            var why = e is OperationCanceledException ? "the server did not answer in time" : e.Message.ReplaceLineEndings(" ");
            Console.Error.WriteLine($"streamlearn-aggregator: {store.Place}: {why}");
            return ProgramExit.NoLink;
        }
    }

    private static int List(IReadOnlyList<KeptModel> kept)
    {
        if (kept.Count == 0) { Console.Out.WriteLine("no version has been kept yet"); }
        else { Console.Out.WriteLine($"{"version",9}  {"kept (UTC)",-19}  {"bytes",9}  {"accuracy",8}  devices"); }
        foreach (var model in kept)
        {
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{model.Version,9}  {model.Created.UtcDateTime:yyyy-MM-dd HH:mm:ss}  {model.Bytes,9}  {Accuracy(model),8}  ")
                + Devices(model));
        }

        return ProgramExit.Done;
    }

    private static int Show(IReadOnlyList<KeptModel> kept, long? version)
    {
        var newest = kept is [.., var last] ? last : null;
        if ((version is null ? newest : kept.FirstOrDefault(m => m.Version == version)) is not { } model)
        {
            Console.Error.WriteLine(version is null ? "streamlearn-aggregator: no version has been kept yet"
                : $"streamlearn-aggregator: version {version} has not been kept; models ls lists those that were");
            return ProgramExit.DataRefused;
        }

        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            version   {model.Version}
            kept      {model.Created.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC
            bytes     {model.Bytes}
            sha256    {model.Sha256}
            accuracy  {Accuracy(model)}
            devices   {string.Join(", ", model.Contributors)}
            """));
        return ProgramExit.Done;
    }

    private static string Accuracy(KeptModel model) => model.Accuracy?.ToString("0.000", CultureInfo.InvariantCulture) ?? "-";

    private static string Devices(KeptModel model) => string.Join(", ", model.Contributors.Take(NamesShown))
        + (model.Contributors.Length > NamesShown
            ? string.Create(CultureInfo.InvariantCulture, $" and {model.Contributors.Length - NamesShown} more") : "");
}
