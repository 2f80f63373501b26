namespace TauDemo;

/// <summary>What a page shows, and whom it asks.</summary>
internal interface IPageSession : IAsyncDisposable
{
    /// <summary>The digits whose predictions are shown, as JSON.</summary>
    ReadOnlyMemory<byte> Digits { get; }

    /// <summary>True if viewers say how fast it goes: time is virtual.</summary>
    bool HasPace { get; }

    /// <summary>Ends when the session does; faulted if its fleet fails.</summary>
    Task Ended { get; }

    /// <summary>How it stands, and a task that ends when that is no longer so.</summary>
    (SessionView View, Task Followed) Newest { get; }

    /// <summary>Asks for something; it is done soon.</summary>
    /// <param name="request">What.</param>
    /// <returns>False if too much is asked for at once.</returns>
    bool TryAsk(SessionRequest request);
}
