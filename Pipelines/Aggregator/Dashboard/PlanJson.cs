using System.Text.Json;

namespace Aggregator;

/// <summary>Writes the plan as JSON. Joules and seconds are the plan's predictions.</summary>
internal static class PlanJson
{
    internal static void Write(Utf8JsonWriter json, PlannedFleet plan, int layers)
    {
        json.WriteStartObject("splits");
        json.WriteNumber("layers", layers);
        json.WriteString("changedAt", StatusJson.Time(plan.ChangedAt));
        json.WriteString("changedWhy", plan.ChangedWhy);
        json.WriteStartArray("devices");
        foreach (var device in plan.Devices) { Write(json, device); }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, PlannedLayers device)
    {
        json.WriteStartObject();
        json.WriteString("name", device.Name);
        json.WriteNumber("layers", device.Layers);
        if (device.LocalSeconds > 0)
        {
            StatusJson.WriteReal(json, "seconds", device.Seconds);
            StatusJson.WriteReal(json, "localSeconds", device.LocalSeconds);
        }

        if (device.LocalJoules > 0)
        {
            StatusJson.WriteReal(json, "modelledJoules", device.Joules);
            StatusJson.WriteReal(json, "modelledLocalJoules", device.LocalJoules);
        }

        if (device.BitsPerSecond > 0) { StatusJson.WriteReal(json, "bitsPerSecond", device.BitsPerSecond); }
        json.WriteString("since", StatusJson.Time(device.Since));
        json.WriteString("why", device.Why);
        json.WriteEndObject();
    }
}
