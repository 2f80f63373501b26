using System.Reactive.Disposables;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace StreamLearn.Reactive;

/// <summary>Bounded buffer between an observable that pushes from any thread without backpressure and the pipeline.</summary>
internal sealed class ObservableBuffer<T>(ObservableOptions options, OperatorContext context) : IObserver<T>, IDisposable
    where T : class
{
    private readonly Lock _lock = new();
    private readonly Queue<(T Item, long Bytes)> _items = [];
    private readonly SemaphoreSlim _changed = new(0);
    private long _bytes;
    private bool _ended;
    private bool _disposed;
    private Exception? _error;
    private int _subscriber;      // id of the thread inside Subscribe

    /// <summary>An observable that pushes endlessly inside Subscribe is stopped by an exception from <see cref="OnNext"/>, its only contact
    /// with the pipeline.</summary>
    internal IDisposable SubscribeTo(IObservable<T> observable, CancellationToken cancellationToken)
    {
        using var canceled = cancellationToken.UnsafeRegister(static buffer => ((ObservableBuffer<T>)buffer!).End(null), this);
        _subscriber = Environment.CurrentManagedThreadId;
        try { return observable.Subscribe(this); }
        catch (OperationCanceledException) when (Volatile.Read(ref _ended)) { return Disposable.Empty; }
        finally { _subscriber = 0; }
    }

    public void OnNext(T value)
    {
        Accept(value);
        if (Volatile.Read(ref _ended) && _subscriber == Environment.CurrentManagedThreadId)
        {
            throw new OperationCanceledException("the pipeline accepts no more messages");
        }
    }

    private void Accept(T value)
    {
        lock (_lock)
        {
            if (value is null) { Fail(new ArgumentNullException(nameof(value), "expected a message from the observable, got null")); }
            else if (_ended) { context.Drop(value, "after-end"); }
            else { Add(value, (value as ISized)?.SizeBytes ?? ISized.DefaultBytes); }
            Signal();
        }
    }

    public void OnCompleted() => End(null);

    public void OnError(Exception error) => End(error);

    /// <summary>After cancellation, buffered messages are still returned.</summary>
    internal async IAsyncEnumerable<T> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var canceled = cancellationToken.UnsafeRegister(static buffer => ((ObservableBuffer<T>)buffer!).End(null), this);
        await using var _ = canceled.ConfigureAwait(false);
        while (true)
        {
            // Cancellation ends the buffer, which sends a signal; waiting on the token would lose buffered messages.
            await _changed.WaitAsync(CancellationToken.None).ConfigureAwait(false);
            while (TryTake(out var item)) { yield return item; }
            if (HasEnded()) { yield break; }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            (_ended, _disposed) = (true, true);
            Clear();
            _changed.Dispose();
        }
    }

    private void End(Exception? error)
    {
        lock (_lock)
        {
            if (!_ended) { (_ended, _error) = (true, error); }
            Signal();
        }
    }

    private void Add(T value, long bytes)
    {
        if (bytes > options.BufferBytes || (options.Overflow is ObservableOverflow.Fail or ObservableOverflow.DropNewest && IsFull(bytes)))
        {
            Refuse(value, bytes > options.BufferBytes ? "oversized" : "drop-newest");
            return;
        }

        var (most, reason) = options.Overflow == ObservableOverflow.KeepLatest ? (1, "replaced") : (options.BufferMessages, "drop-oldest");
        while (_items.Count >= most || _bytes + bytes > options.BufferBytes) { context.Drop(Take(), reason); }
        _items.Enqueue((value, bytes));
        _bytes += bytes;
    }

    private void Refuse(T value, string reason)
    {
        if (options.Overflow != ObservableOverflow.Fail)
        {
            context.Drop(value, reason);
            return;
        }

        if (value is IDisposable owned) { owned.Dispose(); }
        Fail(new InvalidOperationException(
            $"the buffer of {options.BufferMessages} messages and {options.BufferBytes} bytes is full, and an observable cannot wait: "
            + "enlarge it, or choose what to drop"));
    }

    private void Fail(Exception error)
    {
        if (_ended) { return; }
        (_ended, _error) = (true, error);
        Clear();
    }

    private bool IsFull(long bytes) => _items.Count >= options.BufferMessages || _bytes + bytes > options.BufferBytes;

    private T Take()
    {
        var (item, bytes) = _items.Dequeue();
        _bytes -= bytes;
        return item;
    }

    private bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out T? item)
    {
        lock (_lock)
        {
            item = _items.Count > 0 ? Take() : null;
            return item is not null;
        }
    }

    private bool HasEnded()
    {
        lock (_lock)
        {
            if (_items.Count > 0) { return false; }
            if (_ended && _error is not null) { ExceptionDispatchInfo.Throw(_error); }
            return _ended;
        }
    }

    private void Clear()
    {
        while (_items.Count > 0)
        {
            if (Take() is IDisposable owned) { owned.Dispose(); }
        }
    }

    /// <summary>Several signals count as one.</summary>
    private void Signal()
    {
        if (!_disposed && _changed.CurrentCount == 0) { _changed.Release(); }
    }
}
