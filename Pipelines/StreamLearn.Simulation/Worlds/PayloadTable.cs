namespace StreamLearn.Simulation;

/// <summary>The payloads of a world in its state: each is written once, however many wait for it.</summary>
internal sealed class PayloadTable
{
    private readonly Dictionary<Payload, int> _numbers = [];
    private readonly List<Payload> _all = [];

    /// <summary>Writes which payload it is.</summary>
    internal void Write(StateWriter writer, Payload payload)
    {
        if (!_numbers.TryGetValue(payload, out var number))
        {
            _numbers[payload] = number = _all.Count;
            _all.Add(payload);
        }

        writer.Write(number);
    }

    /// <summary>Reads which payload it is, for one more who holds it.</summary>
    internal Payload Read(ref StateReader reader)
    {
        var payload = _all[reader.ReadInt32(0, _all.Count - 1)];
        payload.Retain();
        return payload;
    }

    /// <summary>Writes the payloads, once all have been named.</summary>
    internal void Save(StateWriter writer)
    {
        writer.Write(_all.Count);
        foreach (var payload in _all)
        {
            var options = new PublishOptions(payload.Origin) { Properties = payload.Properties };
            SavedPublication.Save(writer, payload.Topic, payload.Span, options, rows: 0);
        }
    }

    internal void Load(ref StateReader reader, PayloadPool pool)
    {
        for (var count = reader.ReadInt32(0, int.MaxValue); count > 0; count--)
        {
            var saved = SavedPublication.Load(ref reader);
            _all.Add(pool.Rent(saved.Topic, saved.Payload.WrittenSpan, saved.Options.Properties, saved.Options.Origin));
        }
    }

    /// <summary>Gives back the payloads that it has read: who holds one keeps it.</summary>
    internal void Release()
    {
        foreach (var payload in _all) { payload.Release(); }
        _all.Clear();
    }
}

/// <summary>What the blocks of a device are saved with.</summary>
/// <param name="Messages">How messages are saved.</param>
/// <param name="Payloads">The payloads of the world.</param>
/// <param name="Now">The time.</param>
internal sealed record SavedWith(SavedMessages Messages, PayloadTable Payloads, DateTimeOffset Now);
