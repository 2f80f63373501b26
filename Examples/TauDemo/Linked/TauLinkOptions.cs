using System.CommandLine;
using System.CommandLine.Parsing;
using System.Security.Cryptography;
using StreamLearn.Programs;

namespace TauDemo;

/// <summary>The options that say where a fleet meets.</summary>
internal sealed class TauLinkOptions
{
    private static readonly TimeSpan TimeToReach = TimeSpan.FromSeconds(10);

    private readonly Option<Uri?> _link = new("--link")
    {
        Description = "The server through which the fleet goes: nats://host[:4222], tls://, mqtt://host[:1883] or mqtts://.",
        HelpName = "address",
        CustomParser = static result =>
        {
            if (result.Tokens is [{ Value: var text }] && EdgeServer.AddressOf(text, EdgeServer.Schemes) is { } uri) { return uri; }

            result.AddError("--link: expected nats://host[:4222], tls://, mqtt:// or mqtts://, without user or path");
            return null;
        },
    };

    private readonly Option<FileInfo?> _login = new("--login")
    {
        Description = "A file with user and password, a line each.",
        HelpName = "file",
    };

    private readonly Option<string?> _fleet = new("--fleet")
    {
        Description = "The fleet's name, the same for all its members: letters, digits, - and _.",
        HelpName = "name",
    };

    internal TauLinkOptions() => _fleet.Validators.Add(static result => CheckName("--fleet", result));

    /// <summary>Those that mean nothing without a server.</summary>
    internal IEnumerable<Option> Others => [_login, _fleet];

    /// <summary>True if a server is given.</summary>
    internal bool IsGiven(CommandResult command) => command.GetResult(_link) is { Implicit: false };

    /// <summary>Adds them to a command.</summary>
    internal void AddTo(Command command)
    {
        command.Add(_link);
        command.Add(_login);
        command.Add(_fleet);
    }

    /// <summary>The fleet's name; null: none is given.</summary>
    internal string? FleetOf(ParseResult parsed) => parsed.GetValue(_fleet);

    /// <summary>The way to a server that somebody else has looked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="fleet">The fleet's name.</param>
    /// <returns>Null: no server is given.</returns>
    internal TauLink? LinkOf(ParseResult parsed, string fleet) =>
        parsed.GetValue(_link) is { } server ? new(server, parsed.GetValue(_login), fleet) : null;

    /// <summary>Looks for the server of an aggregator: where the fleet has no name and starts its own nodes, it gets a name of its
    /// own.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="waits">True: the nodes are started elsewhere.</param>
    /// <returns>The way to the server, or what the program ends with, when that has been said.</returns>
    internal Task<(TauLink? Link, int ExitCode)> ReachAsync(ParseResult parsed, bool waits) =>
        FleetOf(parsed) is { } named ? ReachAsync(parsed, named)
            : waits ? ReachAsync(parsed, NodeCommand.Fleet)
            : ReachAsync(parsed, $"{NodeCommand.Fleet}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}", isShared: false);

    /// <summary>Looks for the server.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="fleet">The fleet's name.</param>
    /// <param name="isShared">True: another fleet may have the name, too; false: it was made for this one.</param>
    /// <returns>The way to the server, or what the program ends with, when that has been said.</returns>
    internal async Task<(TauLink? Link, int ExitCode)> ReachAsync(ParseResult parsed, string fleet, bool isShared = true)
    {
        if (parsed.GetValue(_link) is not { } server)
        {
            await SayAsync("--link is missing, and a server is not started by itself: start one, such as nats-server -a 127.0.0.1 -js or "
                + "mosquitto, and give --link nats://127.0.0.1:4222 or mqtt://127.0.0.1:1883").ConfigureAwait(false);
            return (null, ProgramExit.NoLink);
        }

        var bytes = (2L * sizeof(float) * TauModel.Svm.Model.Plan.Values) + 1024;        // an update, with its gradient
        var login = parsed.GetValue(_login);
        var refusal = await ServerCheck.ReachAsync(server, login, TimeToReach, new(new($"sl/{fleet}"), bytes)).ConfigureAwait(false);
        if (refusal is null) { return (new(server, login, fleet, isShared), ProgramExit.Done); }
        await SayAsync($"--link: {refusal.Text.ReplaceLineEndings(" ")}").ConfigureAwait(false);
        return (null, refusal.ExitCode);
    }

    /// <summary>A name has to fit into a topic.</summary>
    internal static void CheckName(string option, OptionResult result)
    {
        if (result.Tokens is not [{ Value: var text }]) { return; }
        if (!LinkConfig.IsName(text))
        {
            result.AddError($"{option}: expected 1 to {LinkConfig.MaxName} letters, digits, '-' and '_', got '{text}'");
        }
    }

    private static Task SayAsync(string text) => Console.Error.WriteLineAsync($"TauDemo: {text}");
}
