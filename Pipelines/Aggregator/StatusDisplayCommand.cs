using System.CommandLine;
using StreamLearn.Tables;

namespace Aggregator;

internal static class StatusDisplayCommand
{
    internal static readonly Option<string?> Http = new("--http")
    {
        Description = "Serve a status page on this machine: --http 8080, then open http://127.0.0.1:8080. 0 chooses a free port and "
            + "prints it. Other addresses are refused.",
        HelpName = "address",
    };

    /// <summary>Reports an unusable address in one line.</summary>
    internal static async Task<int> RunAsync(ParseResult result, AggregatorConfig config, Func<StatusDisplayOptions, Task<int>> run)
    {
        var http = result.GetValue(Http);
        try
        {
            var folder = FolderOf(config);
            var page = http is null ? null : HttpAddress.Parse(http);
            try
            {
                folder.Create();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Complain($"the state folder {folder} cannot be used: {e.Message}");
                return ProgramExit.StateUnusable;
            }

            return await run(new(page, new(folder))).ConfigureAwait(false);
        }
        catch (HttpAddressException e)
        {
            Complain($"--http: {e.Message}");
            return ProgramExit.BadCommandLine;
        }
        catch (PageUnavailableException e)
        {
            Complain($"--http {http}: {e.Message}");
            return ProgramExit.NoLink;
        }
    }

    /// <summary>The status folder, in the folder of checkpoints.</summary>
    internal static DirectoryInfo FolderOf(AggregatorConfig config) => new(config.Link.OpenState().Of(FleetTopics.Aggregator));

    internal static void Complain(string text) => Console.Error.WriteLine($"streamlearn-aggregator: {text.ReplaceLineEndings(" ")}");
}
