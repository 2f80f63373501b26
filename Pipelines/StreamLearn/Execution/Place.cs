using System.Buffers;
using System.Runtime.CompilerServices;

namespace StreamLearn;

/// <summary>A message in progress in a <see cref="SinkStage"/>. It is reused, so that waiting allocates nothing.</summary>
internal sealed class Place
{
    private readonly Action _over;
    private ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter _work;
    private object? _letter;
    private bool _isOver;
    private bool _isSetAside;

    internal Place(Action<Place> over) => _over = () => over(this);

    internal Item Item { get; private set; }

    internal long Number { get; private set; }

    internal long Bytes { get; set; }

    internal Topic Topic { get; set; }

    internal ArrayBufferWriter<byte>? Payload { get; set; }

    internal int HeaderBytes { get; set; }

    /// <summary>True once the work is over, until the message ends.</summary>
    internal bool IsOver { get => Volatile.Read(ref _isOver); set => Volatile.Write(ref _isOver, value); }

    internal bool Processed { get; set; }

    /// <summary>True if the error policy has handled the failed message.</summary>
    internal bool IsSetAside => Volatile.Read(ref _isSetAside);

    internal PublishOptions Options { get; set; }

    /// <summary>True if <see cref="Look"/> found that a checkpoint must hold the message: not finished, and no source resends it.</summary>
    internal bool IsOpen { get; private set; }

    /// <summary>The failure; null if the work succeeded or was abandoned.</summary>
    internal Exception? Failure { get; set; }

    internal void Begin(in Item item, long number) => (Item, Number, Bytes) = (item, number, item.Bytes);

    /// <summary>Determines once whether a checkpoint must hold the message, because its work may end at any time.</summary>
    internal void Look() => IsOpen = this is { Processed: false, IsSetAside: false, Item.Token: null };

    internal void SetAside(Item? letter)
    {
        _letter = letter;
        Volatile.Write(ref _isSetAside, true);
    }

    internal Item? TakeDeadLetter() => (Item?)Interlocked.Exchange(ref _letter, null);

    internal void Await(ValueTask work)
    {
        _work = work.ConfigureAwait(false).GetAwaiter();
        if (_work.IsCompleted) { _over(); }
        else { _work.UnsafeOnCompleted(_over); }
    }

    internal void Take()
    {
        var work = _work;
        _work = default;
        work.GetResult();
    }

    internal void Clear()
    {
        (Item, Topic, Options, Bytes, Processed, IsOpen) = (default, default, default, 0, false, false);
        (_isSetAside, Failure, IsOver) = (false, null, false);
    }
}
