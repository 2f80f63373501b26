using System.CommandLine;
using StreamLearn.Tables;

namespace Tool;

internal static class TapCommand
{
    private const string Description = """
        Shows the messages of a topic, one per line, until it is interrupted or has shown --count messages.

        A line has the topic, payload size, retained flag, user properties, content type and payload. For topics sl/... it also has the
        envelope: codec, sender, epoch and sequence, or why a message has none. With --output jsonl the keys are at, topic, retained,
        bytes, envelope or no_envelope, properties, content_type, response_topic, correlation, and payload or, in hexadecimal,
        payload_hex. A response topic that is a NATS inbox is left out: it is for the confirmation of a stream. With --format json other
        payloads are shown as text, and binary payloads in hexadecimal. As text, a payload is cut after 1,000 characters, and binary ones
        earlier, unless --whole is given; --output jsonl has all of it. Connection events go to standard error.

        With --format arrow a payload that is an Arrow stream, or a record batch after a schema on the same topic, is shown as rows: the
        schema once per topic, and when it changes, then the first 20 rows, or all with --whole; with jsonl as objects in rows. Other
        payloads are shown as text, with the reason (in jsonl: refusal); their number is printed at the end.

        It receives copies, except for $share/group/topic, where it takes messages from the group. Quote a topic with # or $ in a shell.

        Examples:
          streamlearn tap mqtt://broker/plant/+/vibration
          streamlearn tap 'mqtt://broker/plant/p7/#' --format json --count 10
          streamlearn tap 'mqtts://broker/sl/#' --login login.txt --ca plant-ca.pem --output jsonl | jq .topic
          streamlearn tap 'mqtt://broker/plant/+/vibration' --format arrow
          streamlearn tap mqtt://broker/camera/frame --count 1 --format raw > frame.jpg
          streamlearn tap 'mqtt://broker/$share/lookers/plant/#'
          streamlearn tap 'nats://server/plant/#'                 # subjects plant.>; topics are written with / + #
          streamlearn tap 'wss://broker/plant/#' --path /mqtt --cert looker.pem --key looker.key --whole

        Exit codes: 0 shown --count messages, or interrupted without --count; 1 the server cannot be reached within --wait or
        refuses the login, the certificate or the topic, or a file cannot be read; 2 bad command line; 130 interrupted before --count.
        """;

    internal static Command Create(Stream bytes, TextWriter output, TextWriter error)
    {
        var link = new ServerOptions();
        var format = Choices.Word("--format", "The payload format; raw: only the bytes, with jsonl in base64; arrow: rows.",
            "text", "json", "hex", "raw", "arrow");
        Option<string?> encoding = new("--encoding") { Description = "Encoding of texts. Default: by the byte order mark, else utf-8." };
        encoding.Check(EncodingWords.Problem);
        var count = Numbers.Count("--count", "Messages to show. Default: until interrupted.");
        var lines = Choices.Lines();
        Option<bool> whole = new("--whole") { Description = "Show all of long payloads." };
        var command = new Command("tap", Description) { format, encoding, count, lines, whole };
        link.AddTo(command);
        command.SetAction((result, stop) => Reporting.RunAsync(
            async () =>
            {
                var open = link.Open(result);
                await using var _ = open.ConfigureAwait(false);
                var form = Enum.Parse<TapFormat>(result.GetRequiredValue(format), ignoreCase: true);
                var shown = new Show(form, result.GetValue(lines) == "jsonl", result.GetValue(whole), bytes, output)
                {
                    Encoding = result.GetValue(encoding) is { } word ? EncodingWords.Of(word) : null,
                };
                return await RunAsync(open, link, result, result.GetValue(count), shown, error, stop).ConfigureAwait(false);
            },
            error));
        return command;
    }

    private static async Task<int> RunAsync(OpenLink open, ServerOptions link, ParseResult result, long? most, Show show,
        TextWriter error, CancellationToken cancellationToken)
    {
        long count = 0;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var topic = link.AddressOf(result).Topic;
        await link.HintAsync(result, error).ConfigureAwait(false);
        var messages = open.Transport.SubscribeAsync(topic, new(), ending.Token).GetAsyncEnumerator(CancellationToken.None);
        await using var _ = messages.ConfigureAwait(false);
        using var notices = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var telling = LinkNotices.TellAsync(open.Subscribing, error, notices.Token);
        try
        {
            var next = messages.MoveNextAsync().AsTask();
            var patience = Task.Delay(link.WaitOf(result), TimeProvider.System, ending.Token);
            if (await Task.WhenAny(next, patience).ConfigureAwait(false) == patience
                && open.Subscribing() is { Connects: 0 } status && !cancellationToken.IsCancellationRequested)
            {
                await ending.CancelAsync().ConfigureAwait(false);
                await next.ConfigureAwait(false);
                var why = LinkNotices.Why(status, link.WaitOf(result));
                throw new TransportException(LinkNotices.NoConnection(open.Transport.Name, why), isTransient: true);
            }

            while (await next.ConfigureAwait(false))
            {
                await show.WriteAsync(messages.Current).ConfigureAwait(false);
                if (++count == most) { break; }
                next = messages.MoveNextAsync().AsTask();
            }
        }
        finally
        {
            await notices.CancelAsync().ConfigureAwait(false);
            await telling.ConfigureAwait(false);
            await ending.CancelAsync().ConfigureAwait(false);
            if (show.Summary is { } summary) { await error.WriteLineAsync($"streamlearn: {summary}").ConfigureAwait(false); }
        }

        return count < most && cancellationToken.IsCancellationRequested ? ExitCode.Interrupted : ExitCode.Done;
    }

    private sealed class Show(TapFormat format, bool isJson, bool isWhole, Stream bytes, TextWriter output)
    {
        private readonly ArrowTap? _arrow = format == TapFormat.Arrow ? new(isWhole) : null;

        internal Encoding? Encoding { get; init; }

        internal string? Summary => _arrow?.Summary;

        internal async Task WriteAsync(Message message)
        {
            using (message)
            {
                var tapped = TappedMessage.Of(message) with { Encoding = Encoding };
                if (format == TapFormat.Raw && !isJson)
                {
                    foreach (var part in tapped.Payload) { await bytes.WriteAsync(part).ConfigureAwait(false); }
                    await bytes.FlushAsync().ConfigureAwait(false);
                }
                else
                {
                    var now = TimeProvider.System.GetUtcNow();
                    var line = _arrow is not null
                        ? isJson ? _arrow.Json(tapped, now) : _arrow.Text(tapped)
                        : isJson ? Tapped.Json(tapped, format, now) : Tapped.Text(tapped, format, isWhole);
                    await output.WriteLineAsync(line).ConfigureAwait(false);
                    await output.FlushAsync().ConfigureAwait(false);
                }

                message.Acknowledge();
            }
        }
    }
}
