namespace StreamLearn.Reactive;

/// <summary>What happens to an observable's message when the buffer is full. Observables cannot wait.</summary>
public enum ObservableOverflow
{
    /// <summary>Fails the run, so that no message is lost.</summary>
    Fail,

    /// <summary>Drops the oldest message, counted <c>drop-oldest</c>.</summary>
    DropOldest,

    /// <summary>Drops the new message, counted <c>drop-newest</c>.</summary>
    DropNewest,

    /// <summary>Buffers only the newest message; each one replaced is counted <c>replaced</c>.</summary>
    KeepLatest,
}
