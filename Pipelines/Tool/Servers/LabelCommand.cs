using System.Buffers;
using System.CommandLine;
using StreamLearn.Programs;
using StreamLearn.Tables;

namespace Tool;

internal sealed class LabelCommand
{
    private const string Description = """
        Sends a label to a device of a fleet: the class of its rows in a time span. The device learns from windows that waited for a label
        (later: true in the sensor's file) as soon as it receives it, and from later windows as they arrive. A new label for the same time
        applies to windows that were not used yet.

        Times are ISO 8601, UTC if without an offset; or now, 90s (ago), 10m, 2h, 1d. The span excludes the time --to.

        Examples:
          streamlearn label plant pump-7 worn --from 2026-03-01T12:00 --to 2026-03-01T12:30 --url mqtt://broker
          streamlearn label plant pump-7 good --from 10m --url mqtts://edge-1:8883 --login console.txt
          streamlearn label plant all good --from 1h --to 5m --url nats://server

        Other programs publish the same to sl/FLEET/console/up/label:
          mosquitto_pub -q 1 -t sl/plant/console/up/label \
            -m '{"device":"pump-7","class":"worn","from":"2026-03-01T12:00:00Z","to":"2026-03-01T12:30:00Z"}'

        Exit codes: 0 the fleet knows device and class, and the server has accepted the label; 1 the server cannot be reached within --wait,
        or refuses the login or the message; 2 bad command line; 65 device or class is unknown, or the device takes no later labels, and
        nothing was sent; 68 sent, but no fleet has answered; 130 interrupted. The sensor's status shows whether a device has received it.
        """;

    private const int NamesShown = 10;

    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    private readonly Argument<string> _fleet = new("fleet") { Description = "The fleet's name in its configuration files." };
    private readonly Argument<string> _device = new("device") { Description = "The device, or 'all'." };
    private readonly Argument<string> _label = new("class") { Description = "The class, as named in the sensor's file." };

    private readonly Option<string> _from =
        new("--from") { Description = "The time of the first row.", HelpName = "time", Required = true };

    private readonly Option<string> _to = new("--to")
    {
        Description = "The time after the last row.",
        HelpName = "time",
        DefaultValueFactory = static _ => "now",
    };

    private readonly Option<string> _url = new("--url")
    {
        Description = "The fleet's server: mqtt://host[:1883], mqtts://, nats://host[:4222] or tls://.",
        HelpName = "url",
        Required = true,
    };

    private readonly Option<string?> _login = Choices.Existing("--login", "A file of two lines, user name and password.");
    private readonly Option<double> _wait = Numbers.Of(
        "--wait", "seconds", "How long to wait for the server, and for the fleet,", 0.1, 3600, 10);

    internal static Command Create(TextWriter output, TextWriter error) => new LabelCommand().Of(output, error);

    private Command Of(TextWriter output, TextWriter error)
    {
        _fleet.Check(static text =>
            LinkConfig.IsName(text) ? null : $"expected a name of letters, digits, '-' and '_', got '{text}'");
        foreach (var option in new[] { _from, _to })
        {
            option.Check(static text => TimeOf(text, TimeProvider.System.GetUtcNow()) is not null ? null
                : $"expected a time such as 2026-03-01T12:00, now or 10m (ago), got '{text}'");
        }

        _url.Check(static text => EdgeServer.AddressOf(text, EdgeServer.Schemes) is not null ? null
            : "expected mqtt://host[:1883], mqtts://, nats://host[:4222] or tls://, without user or path");
        var command = new Command("label", Description) { _fleet, _device, _label, _from, _to, _url, _login, _wait };
        command.Check(result => SpanOf(result.GetValue(_from), result.GetValue(_to)) is var (from, to) && to <= from
            ? "--to: expected a time after --from" : null);
        command.SetAction((result, stop) => Reporting.RunAsync(
            () =>
            {
                var (from, to) = SpanOf(result.GetValue(_from), result.GetValue(_to))!.Value;
                return SendAsync(result.GetRequiredValue(_fleet),
                    new(result.GetRequiredValue(_device), result.GetRequiredValue(_label), from, to),
                    EdgeServer.AddressOf(result.GetRequiredValue(_url), EdgeServer.Schemes)!,
                    result.GetValue(_login) is { } login ? new(login) : null, TimeSpan.FromSeconds(result.GetValue(_wait)), output, error,
                    stop);
            },
            error));
        return command;
    }

    /// <summary>Null: a time is missing or invalid, which is reported elsewhere.</summary>
    private static (DateTimeOffset From, DateTimeOffset To)? SpanOf(string? from, string? to)
    {
        var now = TimeProvider.System.GetUtcNow();
        return from is not null && TimeOf(from, now) is { } begin && TimeOf(to ?? "now", now) is { } end ? (begin, end) : null;
    }

    internal static DateTimeOffset? TimeOf(string text, DateTimeOffset now)
    {
        if (text == "now") { return now; }
        var ago = text.EndsWith(" ago", StringComparison.Ordinal) ? text[..^4].Trim() : text;
        var digits = ago.AsSpan().IndexOfAnyExceptInRange('0', '9');
        TimeSpan? unit = digits <= 0 ? null : ago[digits..] switch
        {
            "s" => TimeSpan.FromSeconds(1),
            "m" => TimeSpan.FromMinutes(1),
            "h" => TimeSpan.FromHours(1),
            "d" => TimeSpan.FromDays(1),
            _ => null,
        };
        if (unit is { } one)
        {
            return int.TryParse(ago.AsSpan(0, digits), CultureInfo.InvariantCulture, out var count)
                && count <= (now - DateTimeOffset.UnixEpoch) / one ? now - (count * one) : null;
        }

        return text.Length >= 10 && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
    }

    private static async Task<int> SendAsync(string fleet, LabelSpan span, Uri server, FileInfo? login, TimeSpan wait, TextWriter output,
        TextWriter error, CancellationToken stop)
    {
        ITransport transport;
        try
        {
            transport = EdgeServer.Open(server, client: null, Kept, login);
        }
        catch (LoginFileException e)
        {
            await error.WriteLineAsync($"streamlearn: {Tapped.Plain(e.Message)}").ConfigureAwait(false);
            return ExitCode.Refused;
        }

        await using var _ = transport.ConfigureAwait(false);
        var topics = new FleetTopics($"sl/{fleet}");
        var (known, isReached) = await CompareModels.FleetAsync(transport, topics, wait, stop).ConfigureAwait(false);
        IReadOnlyList<string> asked = known is not { Devices.IsDefault: false } ? []
            : span.Device == LabelSpan.Everybody ? known.Devices : [span.Device];
        var without = WithoutLater(asked.Where(d => known!.TakesLater(d) == false).ToList());
        var isVain = !asked.Any(d => known!.TakesLater(d) != false);
        if (known is not null && (Unknown(span, known, fleet) ?? (isVain ? without : null)) is { } unknown)
        {
            await SayAsync(unknown).ConfigureAwait(false);
            return ExitCode.DataRefused;
        }

        using var patience = new CancellationTokenSource(isReached ? wait : TimeSpan.Zero, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stop);
        if (!await PublishAsync(transport, topics.Labels, span, either.Token).ConfigureAwait(false))
        {
            if (stop.IsCancellationRequested) { return ExitCode.Interrupted; }
            await SayAsync($"{EdgeServer.NameOf(server)} has not accepted it: " + (EdgeServer.LastFault(transport) is { Length: > 0 } fault
                ? fault : FormattableString.Invariant($"no answer within {wait.TotalSeconds} s"))).ConfigureAwait(false);
            return ExitCode.Refused;
        }

        await output.WriteLineAsync($"sent to {EdgeServer.NameOf(server)}: {Tapped.Plain($"{span.Device} was {span}")}")
            .ConfigureAwait(false);
        if (without is not null) { await SayAsync(without).ConfigureAwait(false); }
        var unsaid = asked.Where(d => known!.TakesLater(d) is null).ToList();
        if (unsaid.Count > 0)
        {
            await SayAsync($"whether later labels are learned is unknown of {Printable.Listed(unsaid, NamesShown)}: an older sensor or "
                + "aggregator does not say").ConfigureAwait(false);
        }

        if (known is { Devices.IsDefault: false }) { return ExitCode.Done; }
        await SayAsync(known is null
            ? FormattableString.Invariant($"no answer from a fleet '{fleet}' within {wait.TotalSeconds} s: it has another name, its ")
                + "aggregator never ran on this server, or the login may not read what it says"
            : "no answer about the devices: an older aggregator gives none").ConfigureAwait(false);
        return ProgramExit.NobodyAnswered;

        Task SayAsync(string text) => error.WriteLineAsync($"streamlearn: {Tapped.Plain(text.ReplaceLineEndings(" "))}");
    }

    /// <summary>Says who ignores the label; null: nobody.</summary>
    private static string? WithoutLater(List<string> devices) => devices.Count == 0 ? null
        : (devices.Count == 1 ? $"device {devices[0]} takes" : $"devices {Printable.Listed(devices, NamesShown)} take")
            + " no later labels: expected later: true in the sensor's file; streamlearn-sensor config init --later writes it";

    /// <summary>Returns what the fleet does not know; null: nothing.</summary>
    private static string? Unknown(LabelSpan span, ModelSignature fleet, string name) =>
        fleet.Target is { } value ? $"fleet '{name}' learns the value '{value.Name}', and no classes"
        : !fleet.Classes.Contains(span.Class)
            ? $"fleet '{name}' has no class '{span.Class}': expected one of {Printable.Listed(fleet.Classes, NamesShown)}"
        : fleet.Devices.IsDefault || fleet.Devices.Length >= CompareModels.MaxDevices       // there may be more than it lists
            || span.Device == LabelSpan.Everybody || fleet.Devices.Contains(span.Device) ? null
        : $"fleet '{name}' has no device '{span.Device}': "
            + (fleet.Devices.IsEmpty ? "none has connected yet" : $"expected one of {Printable.Listed(fleet.Devices, NamesShown)}, or all");

    /// <summary>Returns false if canceled before the server accepted it.</summary>
    private static async Task<bool> PublishAsync(ITransport transport, Topic topic, LabelSpan span, CancellationToken cancellationToken)
    {
        var payload = new ArrayBufferWriter<byte>();
        LabelSpan.Codec.Encode(span, payload);
        var now = TimeProvider.System.GetUtcNow();
        var options = new PublishOptions(new("console", Sequence: 1, now.ToUnixTimeMilliseconds())) { Codec = LabelSpan.Codec.Name };
        try
        {
            await transport.PublishAsync(topic, Envelope.Seal(topic, new(payload.WrittenMemory), options, now), options, cancellationToken)
                .ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
