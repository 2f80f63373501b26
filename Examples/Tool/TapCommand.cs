using System.CommandLine;
using System.Security.Cryptography;
using StreamLearn;
using StreamLearn.Mqtt;

namespace Tool;

/// <summary><c>tap</c>: what is on a link.</summary>
internal static class TapCommand
{
    private const string Description = """
        Shows the messages of a topic, a line for each, until it is interrupted or has shown as many as asked for.

        It takes a copy: nobody else gets less because of it. Messages that the library sends on topics sl/... are shown with what their envelope
        says. JSON that is none, and text that is none, are shown in hexadecimal.
        """;

    internal static Command Create(Stream bytes, TextWriter output, TextWriter error)
    {
        var link = new LinkOptions();
        Option<TapFormat> format = new("--format")
        {
            Description = "How payloads are shown: text, json, hex; raw writes their bytes alone to standard output. Default text.",
        };
        Option<long?> count = new("--count") { Description = "Messages to show, at least 1. Default: until interrupted." };
        Option<string> lines = new("--output")
        {
            Description = "text: for a person; jsonl: a JSON object a line. Default text.",
            DefaultValueFactory = _ => "text",
        };
        lines.AcceptOnlyFromAmong("text", "jsonl");
        count.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long?>() is < 1) { result.AddError("--count: expected at least 1"); }
        });
        var command = new Command("tap", Description) { format, count, lines };
        link.AddTo(command);
        command.SetAction(async (result, stop) =>
        {
            try
            {
                var transport = link.Open(result);
                await using var _ = transport.ConfigureAwait(false);
                var shown = new Show(result.GetValue(format), result.GetValue(lines) == "jsonl", bytes, output);
                return await RunAsync(transport, link, result, result.GetValue(count) ?? long.MaxValue, shown, error, stop).ConfigureAwait(false);
            }
            catch (Exception problem) when (problem is TransportException or CryptographicException or IOException or UnauthorizedAccessException)
            {
                await error.WriteLineAsync($"streamlearn: {problem.Message.ReplaceLineEndings(" ")}").ConfigureAwait(false);
                return ExitCode.Refused;
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(MqttTransport transport, LinkOptions link, ParseResult result, long count, Show show,
        TextWriter error, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var messages = transport.SubscribeAsync(link.LinkOf(result).Topic, new(), ending.Token).GetAsyncEnumerator(CancellationToken.None);
        await using var _ = messages.ConfigureAwait(false);
        var next = messages.MoveNextAsync().AsTask();
        var patience = Task.Delay(link.WaitOf(result), TimeProvider.System, ending.Token);
        if (await Task.WhenAny(next, patience).ConfigureAwait(false) == patience && transport.Status.Subscriptions[0] is { Connects: 0 } status
            && !cancellationToken.IsCancellationRequested)
        {
            await error.WriteLineAsync($"streamlearn: no connection to {transport.Name}: {status.LastFault}").ConfigureAwait(false);
            await ending.CancelAsync().ConfigureAwait(false);
            await next.ConfigureAwait(false);
            return ExitCode.Refused;
        }

        while (await next.ConfigureAwait(false))
        {
            await show.WriteAsync(messages.Current).ConfigureAwait(false);
            if (--count == 0) { break; }
            next = messages.MoveNextAsync().AsTask();
        }

        await ending.CancelAsync().ConfigureAwait(false);
        return ExitCode.Done;
    }

    private sealed class Show(TapFormat format, bool isJson, Stream bytes, TextWriter output)
    {
        internal async Task WriteAsync(Message message)
        {
            using (message)
            {
                if (format == TapFormat.Raw && !isJson)
                {
                    foreach (var part in message.Payload) { await bytes.WriteAsync(part).ConfigureAwait(false); }
                    await bytes.FlushAsync().ConfigureAwait(false);
                }
                else
                {
                    var line = isJson ? Tapped.Json(message, format, TimeProvider.System.GetUtcNow()) : Tapped.Text(message, format);
                    await output.WriteLineAsync(line).ConfigureAwait(false);
                    await output.FlushAsync().ConfigureAwait(false);
                }

                message.Acknowledge();
            }
        }
    }
}
