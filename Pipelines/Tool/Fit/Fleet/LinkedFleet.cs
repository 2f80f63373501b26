using System.Security.Cryptography;
using StreamLearn;
using StreamLearn.Programs;

namespace Tool;

/// <summary>Runs the fleet in the dataflow host over an MQTT or NATS server.</summary>
internal static class LinkedFleet
{
    /// <summary>Time for which a server queues messages of a saved fleet.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    internal static async Task<RunningFleet> RunAsync(FleetRun run, Uri server, JobOptions options, Action<RunningFleet> look,
        CancellationToken cancellationToken, SavedFleet? saved = null)
    {
        // A saved fleet finds its sessions again; others are soon forgotten.
        var fleet = saved?.Id ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        ITransport Open(string? client = null) =>
            EdgeServer.Open(server, client is null ? null : $"sl-{fleet}-{client}", Kept, options.Login);
        EdgeLink OpenFor(string name)
        {
            if (saved is null)
            {
                return name == Pipelines.AggregatorName
                    ? new(Open(), Open())
                    : EdgeLink.Over(Open()) with { Rows = options.RowsOverLink ? Open() : null };
            }

            var device = Array.IndexOf([.. run.Source.Devices], name);
            return device < 0 ? new(Open("updates"), Open("control")) : EdgeLink.Over(Open(FormattableString.Invariant($"{device}")));
        }

        var edge = Open();
        await using var _ = edge.ConfigureAwait(false);
        var topics = $"sl/quickstart-{fleet}";
        Console.Out.WriteLine(FormattableString.Invariant(
            $"connecting to {edge.Name}, for at most {options.LinkTimeout.TotalSeconds:0.#} s"));
        await RequireAsync(edge, $"{topics}/quickstart/up/hello", options.LinkTimeout, cancellationToken).ConfigureAwait(false);
        return await DataflowFleet.RunAsync(run with { Topics = topics }, new(OpenFor), options.Recording,
            options.LinkTimeout, look, cancellationToken, saved).ConfigureAwait(false);
    }

    private static async Task RequireAsync(ITransport edge, Topic topic, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(timeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await edge.PublishAsync(topic, default, new(new("quickstart", 0)), either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TransportException || (e is OperationCanceledException
            && !cancellationToken.IsCancellationRequested))
        {
            var why = e is TransportException ? e.Message : EdgeServer.LastFault(edge);
            if (why.Length == 0) { why = FormattableString.Invariant($"it did not answer within {timeout.TotalSeconds:0.#} s"); }
            if (!why.Contains(edge.Name, StringComparison.Ordinal)) { why = $"no connection to {edge.Name}: {why}"; }
            throw new ProgramException($"--link: {why.ReplaceLineEndings(" ")}", ExitCode.Failed);
        }
    }
}
