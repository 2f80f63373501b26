using System.CommandLine;
using Apache.Arrow.Ipc;

namespace Tool;

internal static class PubCommand
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

    internal static Command Create(TextReader input, TextWriter error)
    {
        var link = new ServerOptions();
        Option<string?> text = new("--text") { Description = "The payload, as UTF-8." };
        Option<FileInfo?> file = new("--file") { Description = "The payload: the bytes of a file." };
        Option<string> format = new("--format")
        {
            Description = "raw: the file is one payload; arrow: each batch of an Arrow file is one.",
            DefaultValueFactory = _ => "raw",
        };
        format.AcceptOnlyFromAmong("raw", "arrow");
        Option<bool> retain = new("--retain") { Description = "Retain the message for later subscribers; not for NATS." };
        Option<string?> type = new("--content-type")
        {
            Description = "The content type, such as a MIME type; MQTT 5.0 and NATS.",
            HelpName = "type",
        };
        var property = Property();
        var command = new Command("pub", Description) { text, file, format, retain, type, property };
        link.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(text) is not null && result.GetResult(file) is not null)
            {
                result.AddError("--text and --file exclude each other");
            }

            if (result.GetValue(format) == "arrow" && result.GetResult(file) is null)
            {
                result.AddError("--format: expected --file with arrow");
            }

            if (result.GetResult(link.Argument) is { Tokens: [var token] } && TopicAddress.TryParse(token.Value, out var at) is null
                && at!.IsFilter)
            {
                result.AddError("link: expected a topic without wildcards and $share");
            }

            if (result.GetValue(retain) && link.IsNats(result))
            {
                result.AddError("--retain: expected MQTT: a NATS server retains nothing, and this tool uses no bucket");
            }

            foreach (var option in (Option[])[type, property])
            {
                if (result.GetResult(option) is not null && link.IsOld(result))
                {
                    result.AddError($"{option.Name}: expected --protocol 5.0: MQTT 3.1.1 does not support it");
                }
            }
        });
        command.SetAction((result, stop) => Reporting.RunAsync(
            async () =>
            {
                var open = link.Open(result);
                await using var _ = open.ConfigureAwait(false);
                var payloads = result.GetValue(file) is { } name
                        ? result.GetValue(format) == "arrow" ? Batches(name.FullName) : [File.ReadAllBytes(name.FullName)]
                    : result.GetValue(text) is { } given ? [Encoding.UTF8.GetBytes(given)]
                    : Lines(input);
                var options = new PublishOptions(default, result.GetValue(retain))
                {
                    Properties = PropertiesOf(result.GetValue(type), result.GetValue(property) ?? []),
                };
                return await RunAsync(open, link, result, payloads, options, error, stop).ConfigureAwait(false);
            },
            error));
        return command;
    }

    private static Option<string[]> Property()
    {
        Option<string[]> property = new("--property")
        {
            Description = "A user property; may be repeated; MQTT 5.0 and NATS.",
            HelpName = "name=value",
        };
        property.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(t => t.Value.IndexOf('=', StringComparison.Ordinal) < 1) is { } token)
            {
                result.AddError($"--property: expected name=value, got '{token.Value}'");
            }
        });
        return property;
    }

    private static async Task<int> RunAsync(OpenLink open, ServerOptions link, ParseResult result, IEnumerable<byte[]> payloads,
        PublishOptions options, TextWriter error, CancellationToken cancellationToken)
    {
        long confirmed = 0;
        var topic = link.AddressOf(result).Topic;
        await link.HintAsync(result, error).ConfigureAwait(false);
        try
        {
            if (open.Refusals is { } before) { await PatientlyAsync(before.BeginAsync).ConfigureAwait(false); }
            ArrowInputException? problem = null;
            foreach (var payload in Until(payloads, e => problem = e))
            {
                var numbered = options with { Origin = new("streamlearn/pub", confirmed) };
                var bytes = Envelope.Seal(topic, new(payload), numbered, TimeProvider.System.GetUtcNow());
                await PatientlyAsync(stop => open.Transport.PublishAsync(topic, bytes, numbered, stop).AsTask())
                    .ConfigureAwait(false);
                confirmed++;
            }

            if (confirmed == 0 && problem is null)
            {
                await error.WriteLineAsync("streamlearn: there was nothing to send").ConfigureAwait(false);
            }

            string? refusal = null;
            if (open.Refusals is { } after)
            {
                await PatientlyAsync(async stop => refusal = await after.EndAsync(stop).ConfigureAwait(false)).ConfigureAwait(false);
            }

            if (problem is not null)
            {
                await error.WriteLineAsync(Tapped.Plain($"streamlearn: {problem.Message}; before it: "
                    + ArrowSchemaText.Counted(confirmed, "message was ", "messages were ")
                    + (open.Refusals is null ? "confirmed" : "sent")))
                    .ConfigureAwait(false);
            }

            if (refusal is null)
            {
                if (open.Refusals is not null)
                {
                    await error.WriteLineAsync($"streamlearn: sent to {open.Transport.Name}; no stream has confirmed it")
                        .ConfigureAwait(false);
                }

                return problem is null ? ExitCode.Done : ExitCode.Refused;
            }

            await error.WriteLineAsync($"streamlearn: not published by {open.Transport.Name}: {Tapped.Plain(refusal)}")
                .ConfigureAwait(false);
            return ExitCode.Refused;
        }
        catch (OperationCanceledException)
        {
            var isInterrupted = cancellationToken.IsCancellationRequested;
            await error.WriteLineAsync(isInterrupted
                ? $"streamlearn: interrupted; {confirmed} messages were confirmed"
                : $"streamlearn: not confirmed: {LinkNotices.Why(open.Transport.Name, open.Publishing(), link.WaitOf(result))}")
                .ConfigureAwait(false);
            return isInterrupted ? ExitCode.Interrupted : ExitCode.Refused;
        }

        async Task PatientlyAsync(Func<CancellationToken, Task> work)
        {
            using var patience = new CancellationTokenSource(link.WaitOf(result), TimeProvider.System);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            await work(either.Token).ConfigureAwait(false);
        }
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

    /// <summary>Stops at the first unreadable payload.</summary>
    private static IEnumerable<byte[]> Until(IEnumerable<byte[]> payloads, Action<ArrowInputException> tell)
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
                tell(e);
                yield break;
            }

            yield return all.Current;
        }
    }

    private static IEnumerable<byte[]> Lines(TextReader input)
    {
        while (input.ReadLine() is { } line) { yield return Encoding.UTF8.GetBytes(line); }
    }
}
