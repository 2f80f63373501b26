using StreamLearn.Programs;

namespace Sensor;

/// <summary>Says what differs between the model of this file and that of the fleet, or of a saved state.</summary>
internal sealed class ModelWatch(Action<string> say)
{
    private readonly Lock _gate = new();

    /// <summary>What differs from the fleet's model; null: nothing is known to.</summary>
    internal string? Difference { get; private set; }

    /// <summary>What differs from the model of a saved state; null: nothing.</summary>
    internal string? Saved { get; private set; }

    /// <summary>How a device compares its model.</summary>
    internal ModelCheck? Of(SensorOptions device, ModelConfig model) => model.Signature is not { } signature ? null
        : new(signature with { Device = device.Name, Epoch = device.Training.Epoch ?? 0 })
        {
            OnOther = (_, text) => Compared(text),
            OnSaved = text => Saved = text,
        };

    /// <summary>The devices of a file have one model: what is found of one holds for all.</summary>
    private void Compared(string? text)
    {
        lock (_gate)
        {
            if (text == Difference) { return; }
            Difference = text;
        }

        say(text is null ? "the model is that of the fleet again" : $"{text}; the fleet takes no update of this model");
    }
}
