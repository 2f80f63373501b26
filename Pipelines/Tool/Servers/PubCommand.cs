using System.CommandLine;
using System.CommandLine.Parsing;
using Apache.Arrow.Ipc;

namespace Tool;

internal sealed class PubCommand
{
    private const string Description = """
        Publishes a text, a file, or each line of standard input as a message, and ends when the server has confirmed them; with --qos 0
        when they are sent; over NATS when the server has received them and has not refused them. NATS confirms nothing else: whether a
        stream has stored them, or a client has received them, is unknown. An MQTT 3.1.1 server also confirms messages that the user must
        not publish, because 3.1.1 has no error for this.
        With --format arrow the file is an Arrow file. Each batch is sent as a message, an Arrow stream with the schema.

        Examples:
          streamlearn pub mqtt://broker/plant/p7/vibration --text '{"x":1}'
          streamlearn pub mqtt://broker/plant/p7/vibration --file payload.bin --content-type application/octet-stream --property unit=g
          streamlearn pub mqtt://broker/plant/p7/vibration --file run.arrow --format arrow
          streamlearn pub mqtt://broker/plant/p7/vibration < lines.jsonl
          streamlearn pub mqtt://broker/plant/p7/name --text 'feed pump' --retain
          streamlearn pub mqtt://broker/plant/p7/name --text '' --retain        # nothing is kept any more

        Exit codes: 0 all confirmed; 1 the server cannot be reached or does not confirm within --wait, or refuses the login, the certificate
        or a message, or a file cannot be read; 2 bad command line; 130 interrupted.
        """;

    private readonly ServerOptions _link = new();
    private readonly Option<string?> _text = new("--text") { Description = "The payload, as UTF-8." };
    private readonly Option<FileInfo?> _file = new("--file") { Description = "The payload: the bytes of a file." };

    private readonly Option<string> _format = Choices.Word(
        "--format", "raw: the file is one payload; arrow: each batch of an Arrow file is one.", "raw", "arrow");

    private readonly Option<bool> _retain =
        new("--retain") { Description = "Retain the message for later subscribers; not for NATS." };

    private readonly Option<string?> _type = new("--content-type")
    {
        Description = "The content type, such as a MIME type; MQTT 5.0 and NATS.",
        HelpName = "type",
    };

    private readonly Option<string[]> _property = Property();

    internal static Command Create(TextReader input, TextWriter error) => new PubCommand().Of(input, error);

    private Command Of(TextReader input, TextWriter error)
    {
        var command = new Command("pub", Description) { _text, _file, _format, _retain, _type, _property };
        _link.AddTo(command);
        command.Validators.Add(result =>
        {
            foreach (var problem in Problems(result)) { result.AddError(problem); }
        });
        command.SetAction((result, stop) => Reporting.RunAsync(
            async () =>
            {
                var open = _link.Open(result);
                await using var _ = open.ConfigureAwait(false);
                var options = new PublishOptions(default, result.GetValue(_retain))
                {
                    Properties = PropertiesOf(result.GetValue(_type), result.GetValue(_property) ?? []),
                };
                await _link.HintAsync(result, error).ConfigureAwait(false);
                var sending = new Sending(open, _link.AddressOf(result).Topic, options, _link.WaitOf(result), error);
                return await sending.RunAsync(PayloadsOf(result, input), stop).ConfigureAwait(false);
            },
            error));
        return command;
    }

    private IEnumerable<string> Problems(CommandResult result)
    {
        if (result.GetResult(_text) is not null && result.GetResult(_file) is not null)
        {
            yield return "--text and --file exclude each other";
        }

        if (result.GetValue(_format) == "arrow" && result.GetResult(_file) is null)
        {
            yield return "--format: expected --file with arrow";
        }

        if (result.GetResult(_link.Argument) is { Tokens: [var token] } && TopicAddress.TryParse(token.Value, out var at) is null
            && at!.IsFilter)
        {
            yield return "link: expected a topic without wildcards and $share";
        }

        if (result.GetValue(_retain) && _link.IsNats(result))
        {
            yield return "--retain: expected MQTT: a NATS server retains nothing, and this tool uses no bucket";
        }

        foreach (var option in _link.IsOld(result) ? [_type, _property] : Array.Empty<Option>())
        {
            if (result.GetResult(option) is not null)
            {
                yield return $"{option.Name}: expected --protocol 5.0: MQTT 3.1.1 does not support it";
            }
        }
    }

    private IEnumerable<byte[]> PayloadsOf(ParseResult result, TextReader input) => result.GetValue(_file) is { } name
            ? result.GetValue(_format) == "arrow" ? Batches(name.FullName) : [File.ReadAllBytes(name.FullName)]
        : result.GetValue(_text) is { } given ? [Encoding.UTF8.GetBytes(given)]
        : Lines(input);

    private static Option<string[]> Property()
    {
        Option<string[]> property = new("--property")
        {
            Description = "A user property; may be repeated; MQTT 5.0 and NATS.",
            HelpName = "name=value",
        };
        property.Validators.Add(static result =>
        {
            if (result.Tokens.FirstOrDefault(static t => t.Value.IndexOf('=', StringComparison.Ordinal) < 1) is { } token)
            {
                result.AddError($"--property: expected name=value, got '{token.Value}'");
            }
        });
        return property;
    }

    private static MessageProperties? PropertiesOf(string? type, string[] pairs)
    {
        if (type is null && pairs.Length == 0) { return null; }
        var user = pairs.Select(p => p.Split('=', 2)).Select(p => KeyValuePair.Create(p[0], p[1]));
        return new() { ContentType = type, User = [.. user] };
    }

    /// <summary>Encodes each batch as its own stream.</summary>
    private static IEnumerable<byte[]> Batches(string path)
    {
        using var input = new ArrowInput(path, Stream.Null, mebibytes: 256);
        while (input.Read() is { } batch)
        {
            using var stream = new MemoryStream();
            using (var writer = new ArrowStreamWriter(stream, batch.Schema, leaveOpen: true))
            {
                writer.WriteRecordBatch(batch);
                writer.WriteEnd();
            }

            yield return stream.ToArray();
        }
    }

    private static IEnumerable<byte[]> Lines(TextReader input)
    {
        while (input.ReadLine() is { } line) { yield return Encoding.UTF8.GetBytes(line); }
    }
}

/// <summary>Publishes payloads one after the other.</summary>
internal sealed class Sending(OpenLink open, Topic topic, PublishOptions options, TimeSpan wait, TextWriter error)
{
    private long _confirmed;
    private ArrowInputException? _problem;

    internal async Task<int> RunAsync(IEnumerable<byte[]> payloads, CancellationToken cancellationToken)
    {
        try
        {
            if (open.Refusals is { } before) { await PatientlyAsync(before.BeginAsync, cancellationToken).ConfigureAwait(false); }
            foreach (var payload in Until(payloads))
            {
                var numbered = options with { Origin = new("streamlearn/pub", _confirmed) };
                var bytes = Envelope.Seal(topic, new(payload), numbered, TimeProvider.System.GetUtcNow());
                await PatientlyAsync(stop => open.Transport.PublishAsync(topic, bytes, numbered, stop).AsTask(), cancellationToken)
                    .ConfigureAwait(false);
                _confirmed++;
            }

            if (_confirmed == 0 && _problem is null) { Say("there was nothing to send"); }
            string? refusal = null;
            if (open.Refusals is { } after)
            {
                await PatientlyAsync(async stop => refusal = await after.EndAsync(stop).ConfigureAwait(false), cancellationToken)
                    .ConfigureAwait(false);
            }

            return Ended(refusal);
        }
        catch (OperationCanceledException)
        {
            var isInterrupted = cancellationToken.IsCancellationRequested;
            Say(isInterrupted ? $"interrupted; {_confirmed} messages were confirmed"
                : $"not confirmed: {LinkNotices.Why(open.Transport.Name, open.Publishing(), wait)}");
            return isInterrupted ? ExitCode.Interrupted : ExitCode.Refused;
        }
    }

    /// <summary><paramref name="refusal"/>: of the server; null: none.</summary>
    private int Ended(string? refusal)
    {
        if (_problem is not null)
        {
            Say(Tapped.Plain($"{_problem.Message}; before it: "
                + ArrowSchemaText.Counted(_confirmed, "message was ", "messages were ")
                + (open.Refusals is null ? "confirmed" : "sent")));
        }

        if (refusal is not null) { Say($"not published by {open.Transport.Name}: {Tapped.Plain(refusal)}"); }
        else if (open.Refusals is not null) { Say($"sent to {open.Transport.Name}; no stream has confirmed it"); }
        return refusal is null && _problem is null ? ExitCode.Done : ExitCode.Refused;
    }

    private void Say(string text) => error.WriteLine($"streamlearn: {text}");

    private async Task PatientlyAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(wait, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        await work(either.Token).ConfigureAwait(false);
    }

    /// <summary>Ends at the first unreadable payload.</summary>
    private IEnumerable<byte[]> Until(IEnumerable<byte[]> payloads)
    {
        using var all = payloads.GetEnumerator();
        while (true)
        {
            try
            {
                if (!all.MoveNext()) { yield break; }
            }
            catch (ArrowInputException e)
            {
                _problem = e;
                yield break;
            }

            yield return all.Current;
        }
    }
}
