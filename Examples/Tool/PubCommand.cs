using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using StreamLearn;
using StreamLearn.Mqtt;

namespace Tool;

/// <summary><c>pub</c>: puts messages on a link.</summary>
internal static class PubCommand
{
    private const string Description = """
        Publishes a text, a file, or each line of standard input, and ends when the server has confirmed them.
        """;

    internal static Command Create(TextReader input, TextWriter error)
    {
        var link = new LinkOptions();
        Option<string?> text = new("--text") { Description = "The payload, as UTF-8." };
        Option<FileInfo?> file = new("--file") { Description = "The payload: the bytes of a file." };
        Option<bool> retain = new("--retain") { Description = "Keep the message for later subscribers." };
        var command = new Command("pub", Description) { text, file, retain };
        link.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(text) is not null && result.GetResult(file) is not null) { result.AddError("--text and --file exclude each other"); }
            if (result.GetResult(link.Argument) is { Tokens: [var token] } && Link.TryParse(token.Value, out var at) is null && at!.Topic.IsFilter)
            {
                result.AddError("link: expected a topic without wildcards");
            }
        });
        command.SetAction(async (result, stop) =>
        {
            try
            {
                var transport = link.Open(result);
                await using var _ = transport.ConfigureAwait(false);
                var payloads = result.GetValue(file) is { } name ? [File.ReadAllBytes(name.FullName)]
                    : result.GetValue(text) is { } given ? [Encoding.UTF8.GetBytes(given)]
                    : Lines(input);
                return await RunAsync(transport, link, result, payloads, result.GetValue(retain), error, stop).ConfigureAwait(false);
            }
            catch (Exception problem) when (problem is TransportException or CryptographicException or IOException or UnauthorizedAccessException)
            {
                await error.WriteLineAsync($"streamlearn: {problem.Message.ReplaceLineEndings(" ")}").ConfigureAwait(false);
                return ExitCode.Refused;
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(MqttTransport transport, LinkOptions link, ParseResult result, IEnumerable<byte[]> payloads,
        bool retain, TextWriter error, CancellationToken cancellationToken)
    {
        long sequence = 0;
        foreach (var payload in payloads)
        {
            using var patience = new CancellationTokenSource(link.WaitOf(result), TimeProvider.System);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            try
            {
                var options = new PublishOptions(new("streamlearn/pub", sequence++), retain);
                await transport.PublishAsync(link.LinkOf(result).Topic, new(payload), options, either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                await error.WriteLineAsync($"streamlearn: not confirmed by {transport.Name}: {transport.Status.Publishing.LastFault}")
                    .ConfigureAwait(false);
                return ExitCode.Refused;
            }
        }

        return ExitCode.Done;
    }

    private static IEnumerable<byte[]> Lines(TextReader input)
    {
        while (input.ReadLine() is { } line) { yield return Encoding.UTF8.GetBytes(line); }
    }
}
