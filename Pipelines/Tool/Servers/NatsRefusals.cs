using System.Security.Cryptography;
using StreamLearn.Nats;

namespace Tool;

/// <summary>Checks whether a NATS server lets a user publish. The server confirms nothing and reports errors late, so a message to a
/// private topic marks the point where all errors have arrived. For a user without permission for that topic, it
/// reports this first and waits at the end.</summary>
internal sealed class NatsRefusals
{
    private const string Words = "Permissions Violation for Publish";
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10), Grace = TimeSpan.FromMilliseconds(300);
    private readonly NatsTransport _transport;
    private readonly string _own = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(11));
    private bool _goesRound;

    internal NatsRefusals(NatsTransport transport) => _transport = transport;

    internal async Task BeginAsync(CancellationToken cancellationToken) =>
        _goesRound = await GoRoundAsync("0", cancellationToken).ConfigureAwait(false);

    internal async Task<string?> EndAsync(CancellationToken cancellationToken)
    {
        if (_goesRound) { await GoRoundAsync("1", cancellationToken).ConfigureAwait(false); }
        else
        {
            using var patience = new CancellationTokenSource(Grace, TimeProvider.System);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            try { await UntilAsync(() => Refusal is not null, either.Token).ConfigureAwait(false); }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested) { }
        }

        return Refusal;
    }

    private string? Refusal => _transport.Status.LastFault is var fault
        && fault.StartsWith(Words, StringComparison.OrdinalIgnoreCase) && !IsOwn(fault) ? fault : null;

    private bool IsOwn(string fault) => fault.Contains(_own, StringComparison.Ordinal);

    private async Task<bool> GoRoundAsync(string name, CancellationToken cancellationToken)
    {
        var topic = new Topic($"_INBOX/{_own}/{name}");
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var messages = _transport.SubscribeAsync(topic, new(), ending.Token).GetAsyncEnumerator(CancellationToken.None);
        await using var _ = messages.ConfigureAwait(false);
        var coming = messages.MoveNextAsync().AsTask();
        try
        {
            await _transport.PublishAsync(topic, default, default, cancellationToken).ConfigureAwait(false);
            await UntilAsync(() => coming.IsCompleted || IsOwn(_transport.Status.LastFault), cancellationToken).ConfigureAwait(false);
            if (!coming.IsCompletedSuccessfully || !await coming.ConfigureAwait(false)) { return false; }
            messages.Current.Dispose();
            return true;
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await ((Task)coming).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Look, TimeProvider.System);
        while (!condition()) { await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false); }
    }
}
