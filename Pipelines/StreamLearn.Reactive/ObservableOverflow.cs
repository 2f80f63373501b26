namespace StreamLearn.Reactive;

/// <summary>
/// What happens to a message of an observable when the buffer before the pipeline is full. Waiting is not among them: an observable cannot
/// be held back.
/// </summary>
public enum ObservableOverflow
{
    /// <summary>The run fails: losing a message would be wrong.</summary>
    Fail,

    /// <summary>The oldest buffered message is dropped, counted <c>drop-oldest</c>.</summary>
    DropOldest,

    /// <summary>The new message is dropped, counted <c>drop-newest</c>.</summary>
    DropNewest,

    /// <summary>At most the newest message is buffered; each one it replaces is counted <c>replaced</c>.</summary>
    KeepLatest,
}
