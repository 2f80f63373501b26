using System.CommandLine;
using System.Text;
using System.Text.Json;
using StreamLearn.Tables;

namespace Aggregator;

internal static class StateCommands
{
    internal static Option<string> Form(string other)
    {
        Option<string> form = new("--output", "-o")
        {
            Description = $"Output format: text or {other}.",
            HelpName = $"text|{other}",
            DefaultValueFactory = static _ => "text",
        };
        form.AcceptOnlyFromAmong("text", other);
        return form;
    }

    /// <summary>Exits quietly if the pipe is closed. <paramref name="commands"/> reads the configuration; <paramref name="show"/> returns
    /// the exit code.</summary>
    internal static Command Reading(
        ConfigCommands<AggregatorConfig> commands, string name, string description,
        Func<StatusFolder, ParseResult, TextWriter, CancellationToken, Task<int>> show, params ReadOnlySpan<Option> options) =>
        commands.Reading(name, description, async (config, result) =>
        {
            using var stop = new CancellationTokenSource();
            Console.CancelKeyPress += (_, press) =>
            {
                press.Cancel = true;
                stop.Cancel();
            };
            try
            {
                StatusFolder folder = new(StatusDisplayCommand.FolderOf(config.Value));
                return await show(folder, result, Output(result), stop.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException || StandardOutput.IsClosed(e))
            {
                return ProgramExit.Done;
            }
            catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException)
            {
                throw new FormatException("another version of streamlearn-aggregator has written the status", e);
            }
        }, options);

    /// <summary>Standard output, unless the caller gave text to write to.</summary>
    private static PrintableWriter Output(ParseResult result) => new(result.InvocationConfiguration.Output as StringWriter
        ?? (TextWriter)new StreamWriter(StandardOutput.Open(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false))
        {
            AutoFlush = true,
            NewLine = "\n",
        });

    /// <summary>Reads the status; if no program runs, reports it on standard error.</summary>
    internal static JsonElement? Read(StatusFolder folder, out int exit)
    {
        var reading = StatusReading.Read(folder, TimeProvider.System.GetUtcNow());
        exit = reading is { Absence: null } ? ProgramExit.Done : ProgramExit.NoLink;
        if (reading is null)
        {
            StatusDisplayCommand.Complain(
                $"there is no {folder.Status}; does the aggregator run on this machine, with the same state folder?");
        }
        else if (reading.Absence is { } absence) { StatusDisplayCommand.Complain($"not running: {absence}"); }
        return reading?.Status;
    }
}
