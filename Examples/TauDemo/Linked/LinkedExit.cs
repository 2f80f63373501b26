using StreamLearn;

namespace TauDemo;

/// <summary>What a member of a fleet over a server ends with.</summary>
internal static class LinkedExit
{
    /// <summary>Does something, and makes an exit code of how it ended.</summary>
    /// <param name="work">What to do; it gives the code, if it does not fail.</param>
    /// <param name="say">Takes a sentence for people: why it failed.</param>
    /// <param name="cancellation">The program is to end.</param>
    internal static async Task<int> OfAsync(Func<Task<int>> work, Action<string> say, CancellationToken cancellation)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return CommandLine.Interrupted;
        }
        catch (FleetEndException e)
        {
            if (e.Message.Length > 0) { say(e.Message); }
            return e.ExitCode;
        }
        catch (Exception e) when (e is BlockFailedException or TransportException)
        {
            say(e.Message);
            return CommandLine.Failed;
        }
    }
}
