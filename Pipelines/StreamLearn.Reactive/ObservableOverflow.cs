namespace StreamLearn.Reactive;

/// <summary>What happens to an observable's message when the buffer is full. Observables cannot wait.</summary>
public enum ObservableOverflow
{
    /// <summary>Fails the run, so that no message is lost.</summary>
    Fail,

    /// <summary>Drops the oldest message and counts it as <c>drop-oldest</c>.</summary>
    DropOldest,

    /// <summary>Drops the new message and counts it as <c>drop-newest</c>.</summary>
    DropNewest,

    /// <summary>Buffers only the newest message; each message that is replaced is counted as <c>replaced</c>.</summary>
    KeepLatest,
}
