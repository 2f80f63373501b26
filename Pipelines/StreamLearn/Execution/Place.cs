using System.Buffers;
using System.Runtime.CompilerServices;

namespace StreamLearn;

/// <summary>A message in the work of a <see cref="SinkStage"/>, used again for later ones: waiting for the work's end allocates
/// nothing.</summary>
internal sealed class Place
{
    private readonly Action _over;
    private ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter _work;
    private bool _isOver;

    /// <param name="over">Called when the work is over, on any thread.</param>
    internal Place(Action<Place> over) => _over = () => over(this);

    /// <summary>The message.</summary>
    internal Item Item { get; private set; }

    /// <summary>Which of the block's messages it is, from 1.</summary>
    internal long Number { get; private set; }

    /// <summary>What it counts as while it is in the work.</summary>
    internal long Bytes { get; set; }

    /// <summary>Where it goes, where the stage publishes it.</summary>
    internal Topic Topic { get; set; }

    /// <summary>Its bytes on their way, where the stage writes any.</summary>
    internal ArrayBufferWriter<byte>? Payload { get; set; }

    /// <summary>True once the work is over and before the message is ended.</summary>
    internal bool IsOver
    {
        get => Volatile.Read(ref _isOver);
        set => Volatile.Write(ref _isOver, value);
    }

    /// <summary>True if the work succeeded.</summary>
    internal bool Processed { get; set; }

    /// <summary>True if the message failed, and its block's policy has dealt with it.</summary>
    internal bool IsSetAside { get; set; }

    /// <summary>How it is published, where the stage publishes it.</summary>
    internal PublishOptions Options { get; set; }

    /// <summary>True while its work is neither done nor given up; a message that its source would send again is none of those that are
    /// saved.</summary>
    internal bool IsOpen => this is { Processed: false, IsSetAside: false, Item.Token: null };

    /// <summary>Why it failed; null: it succeeded, or was given up.</summary>
    internal Exception? Failure { get; set; }

    internal void Begin(in Item item, long number) => (Item, Number, Bytes) = (item, number, item.Bytes);

    internal void Await(ValueTask work)
    {
        _work = work.ConfigureAwait(false).GetAwaiter();
        if (_work.IsCompleted) { _over(); }
        else { _work.UnsafeOnCompleted(_over); }
    }

    /// <summary>Takes the work's result, once.</summary>
    internal void Take()
    {
        var work = _work;
        _work = default;
        work.GetResult();
    }

    /// <summary>Makes it free for the next message.</summary>
    internal void Clear() =>
        (Item, Topic, Options, Bytes, Processed, IsSetAside, Failure, IsOver) = (default, default, default, 0, false, false, null, false);
}
