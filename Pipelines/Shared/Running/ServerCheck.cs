using StreamLearn.Mqtt;
using StreamLearn.Nats;
using StreamLearn.Tables;

namespace StreamLearn.Programs;

internal sealed record ServerRefusal(string Text, int ExitCode);

internal static class ServerCheck
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan TimeToAnswer = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan TimeToKeep = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private static readonly string[] LoginWords =
        ["authoriz", "authoris", "user name or password", "UserNameOrPassword", "authentication", "not permitted"];
    private static readonly Topic Anything = "sl/check/nothing";

    public static async Task<int> SayAsync(LinkConfig link, ModelConfig model, IReadOnlyList<string> devices, Action<string> complain)
    {
        var exit = await SayAsync(link.Url, link.Login, FleetTrial.Of(link, model) with { Devices = devices }, complain)
            .ConfigureAwait(false);
        if (exit != ProgramExit.Done || model.Signature is not { } own || await SignatureAsync(link).ConfigureAwait(false) is not { } fleet)
        {
            return exit;
        }

        if (own.DifferenceFrom(fleet, "this file", "the fleet's model") is not { } text)
        {
            Console.Out.WriteLine("good: the model matches the fleet's");
            return exit;
        }

        complain($"{text}; compared with the aggregator that started last");
        return ProgramExit.BadConfiguration;
    }

    private static async Task<ModelSignature?> SignatureAsync(LinkConfig link)
    {
        var transport = EdgeServer.Open(link.Url, client: null, TimeSpan.FromMinutes(1), link.Login);
        await using var _ = transport.ConfigureAwait(false);
        return (await CompareModels.FleetAsync(transport, link.Topics, TimeToKeep, CancellationToken.None).ConfigureAwait(false)).Fleet;
    }

    public static async Task<int> SayAsync(Uri server, FileInfo? login, FleetTrial? trial, Action<string> complain)
    {
        if (await ReachAsync(server, login, Deadline, trial).ConfigureAwait(false) is { } refusal)
        {
            complain(refusal.Text);
            return refusal.ExitCode;
        }

        Console.Out.WriteLine($"good: {EdgeServer.NameOf(server)} answers");
        return ProgramExit.Done;
    }

    /// <summary>Returns null if the server accepted the login. <paramref name="trial"/>: fleet operations to try; null for none.</summary>
    public static async Task<ServerRefusal?> ReachAsync(Uri server, FileInfo? login, TimeSpan deadline, FleetTrial? trial = null)
    {
        if (login is { Exists: false } && !Directory.Exists(login.FullName))
        {
            return new($"{EdgeServer.NameOf(server)}: there is no login file {login}", ProgramExit.LoginRefused);
        }

        var transport = EdgeServer.Open(server, client: null, TimeSpan.FromMinutes(1), login);
        await using var _ = transport.ConfigureAwait(false);
        using var over = new CancellationTokenSource(deadline);
        var listening = ListenAsync(transport, over.Token);
        using var timer = new PeriodicTimer(Look, TimeProvider.System);
        ServerRefusal? refusal = null;
        while (!EdgeServer.IsConnected(transport))
        {
            var fault = EdgeServer.LastFault(transport);
            if (IsOfLogin(fault))
            {
                refusal = new($"{EdgeServer.NameOf(server)} refuses the login: {fault}", ProgramExit.LoginRefused);
                break;
            }

            if (listening.IsFaulted) { fault = listening.Exception.GetBaseException().Message; }
            if (over.IsCancellationRequested || listening.IsFaulted)
            {
                refusal = IsOfLogin(fault)
                    ? new($"{EdgeServer.NameOf(server)} refuses the login: {fault}", ProgramExit.LoginRefused)
                    : new(FormattableString.Invariant($"{EdgeServer.NameOf(server)} is not reachable within {deadline.TotalSeconds} s: ")
                        + (fault.Length > 0 ? fault : "no answer"), ProgramExit.NoLink);
                break;
            }

            await timer.WaitForNextTickAsync().ConfigureAwait(false);
        }

        if (refusal is null && trial is not null)
        {
            refusal = Lacks(server, transport, trial.Bytes) ?? await TryAsync(server, transport, trial, deadline).ConfigureAwait(false);
        }

        await over.CancelAsync().ConfigureAwait(false);
        await ((Task)listening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return refusal;
    }

    /// <summary>Checks at the end of a timed run whether an unconnected server refuses the login, since the run may end before the server
    /// answers.</summary>
    public static async Task<ServerRefusal?> RefusesAsync(IEnumerable<ITransport> transports, Uri server, FileInfo? login) =>
        !transports.All(EdgeServer.IsConnected)
            && await ReachAsync(server, login, TimeToAnswer).ConfigureAwait(false) is { ExitCode: ProgramExit.LoginRefused } refusal
            ? refusal : null;

    public static int ExitOf(Exception failure) => !IsOfTransport(failure) ? ProgramExit.Failed
        : IsOfLogin(failure.Message) ? ProgramExit.LoginRefused : ProgramExit.BadConfiguration;

    public static bool IsOfLogin(string fault) =>
        LoginWords.Any(word => fault.Contains(word, StringComparison.OrdinalIgnoreCase))
        && !fault.Contains("timeout", StringComparison.OrdinalIgnoreCase);      // a slow machine is not a wrong login

    private static bool IsOfTransport(Exception? failure) =>
        failure is TransportException { IsTransient: false } || (failure is not null && IsOfTransport(failure.InnerException));

    internal static ServerRefusal? Lacks(Uri server, ITransport transport, long bytes)
    {
        if (transport is NatsTransport { Status.HasJetStream: false })
        {
            return new($"{EdgeServer.NameOf(server)} has no JetStream, which stores messages in flight: start it with nats-server -js",
                ProgramExit.BadConfiguration);
        }

        var (limit, setting) = transport switch
        {
            MqttTransport mqtt =>
                (mqtt.Status.Subscriptions.Max(static s => s.MaxPacketBytes), "largest packet (mosquitto: max_packet_size)"),
            NatsTransport nats => (nats.Status.MaxPayloadBytes, "max_payload"),
            _ => (null, ""),
        };
        return limit is not { } most || most >= bytes ? null
            : new(FormattableString.Invariant($"{EdgeServer.NameOf(server)} accepts messages of up to {most} bytes, but an ")
                + FormattableString.Invariant($"update of this model has {bytes}: raise the server's {setting}"),
                ProgramExit.BadConfiguration);
    }

    private static async Task<ServerRefusal?> TryAsync(Uri server, ITransport transport, FleetTrial trial, TimeSpan deadline)
    {
        using var over = new CancellationTokenSource(deadline);
        try
        {
            return await ServerTrial.SendAsync(transport, trial, over.Token).ConfigureAwait(false) is { } refused
                ? new($"{EdgeServer.NameOf(server)}: {refused}", ProgramExit.LoginRefused) : null;
        }
        catch (TransportException e) when (!e.IsTransient)
        {
            // a server may let each participant publish only on its own topics
            return IsOfLogin(e.Message) ? null : new($"{EdgeServer.NameOf(server)}: {e.Message}", ExitOf(e));
        }
        catch (Exception e) when (e is TransportException or OperationCanceledException)
        {
            var fault = e is OperationCanceledException ? EdgeServer.LastFault(transport) : e.Message;
            return new(FormattableString.Invariant($"{EdgeServer.NameOf(server)} did not accept a message of {trial.Bytes} bytes, ")
                + FormattableString.Invariant($"the size of an update of this model, within {deadline.TotalSeconds} s: ")
                + (fault.Length > 0 ? fault : "no answer"), ProgramExit.NoLink);
        }
    }

    private static async Task ListenAsync(ITransport transport, CancellationToken cancellationToken)
    {
        // each login may subscribe to its own inbox
        var filter = transport is NatsTransport nats ? $"{nats.Connection.Opts.InboxPrefix.Replace('.', '/')}/check" : Anything;
        await foreach (var message in transport.SubscribeAsync(filter, new(), cancellationToken).ConfigureAwait(false))
        {
            message.Dispose();
        }
    }
}
