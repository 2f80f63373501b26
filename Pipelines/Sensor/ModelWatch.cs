namespace Sensor;

internal sealed class ModelWatch(Action<string> say)
{
    private readonly Lock _gate = new();

    /// <summary>The difference between the models; null: none known.</summary>
    internal string? Difference { get; private set; }

    internal string? Saved { get; private set; }

    internal ModelCheck? Of(SensorOptions device, ModelConfig model) => model.Signature is not { } signature ? null
        : new(signature with { Device = device.Name, Epoch = device.Training.Epoch ?? 0, Later = [device.Labels is not null] })
        {
            OnOther = (_, text) => Compared(text),
            OnSaved = text => Saved = text,
        };

    /// <summary>All devices of a file have the same model, so a finding applies to all of them.</summary>
    private void Compared(string? text)
    {
        lock (_gate)
        {
            if (text == Difference) { return; }
            Difference = text;
        }

        say(text is null ? "the model matches the fleet's again" : $"{text}; the fleet refuses updates of this model");
    }
}
