namespace StreamLearn.Reactive;

/// <summary>Bounds of the buffer between an observable and its pipeline.</summary>
public sealed record ObservableOptions : IBlockOptions
{
    /// <summary>Maximum buffered messages, at least 1; default 64.</summary>
    public int BufferMessages { get; init; } = 64;

    /// <summary>Maximum buffered bytes, at least 1; default 8 MiB. A larger message is dropped as <c>oversized</c>, or fails the
    /// run.</summary>
    public long BufferBytes { get; init; } = 8 << 20;

    /// <summary>What happens when the buffer is full; default fail.</summary>
    public ObservableOverflow Overflow { get; init; }

    /// <inheritdoc />
    public string State => "messages that the observable pushed and the pipeline has not taken";

    /// <inheritdoc />
    public long StateBytes(Schema? input) => BufferBytes;

    internal ObservableOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BufferMessages, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BufferBytes, 1);
        return Enum.IsDefined(Overflow) ? this
            : throw new ArgumentOutOfRangeException(nameof(Overflow), Overflow, "expected one of the values of ObservableOverflow");
    }
}
