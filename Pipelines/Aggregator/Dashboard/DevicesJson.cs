using System.Text.Json;

namespace Aggregator;

/// <summary>Writes devices as JSON, which says of each what it answers now and how it learns.</summary>
internal static class DevicesJson
{
    /// <summary>Writes the devices that changed.</summary>
    internal static void Write(Utf8JsonWriter json, FleetStatus status, long change)
    {
        json.WriteStartArray("devices");
        foreach (var device in status.Devices)
        {
            if (device.Change < change) { continue; }
            json.WriteStartObject();
            json.WriteNumber("id", device.Id);
            json.WriteString("name", device.Name);
            json.WriteString("lastSeen", StatusJson.Time(device.LastSeen));
            json.WriteString("state", WordOf(device.StateAt(status.At, status.Facts.QuietAfter)));
            json.WriteString("reason", device.Reason);
            json.WriteString("says", device.Says);
            json.WriteNumber("applied", device.Applied);
            json.WriteNumber("capped", device.Capped);
            json.WriteNumber("refused", device.Refused);
            StatusJson.WriteStaleness(json, device.P50, device.P95);
            if (device.Own is { } own) { WriteOwn(json, own); }
            if (device.News is { } news) { WriteNews(json, news, device.Name, status.Facts); }
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Returns the command that labels a device's windows, to be copied into a shell. Strangers choose names: one that a shell
    /// could misread, or that is not shown as it is, becomes <c>DEVICE</c>.</summary>
    internal static string LabelCommand(string device, FleetFacts facts)
    {
        var isPlain = device.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
        var isClear = !device.StartsWith('-') && device != LabelSpan.Everybody && device.AsSpan().IndexOfAny("'·…\ufffd") < 0;
        return $"streamlearn label {facts.Fleet} {(!isClear ? "DEVICE" : isPlain ? device : $"'{device}'")} CLASS --from '10m ago' "
            + $"--url {facts.Server}";
    }

    private static void WriteNews(Utf8JsonWriter json, DeviceNews news, string device, FleetFacts facts)
    {
        json.WriteStartObject("now");
        if (news.Class.Length > 0) { json.WriteString("class", news.Class); }
        if (news.Confidence is { } confidence) { StatusJson.WriteReal(json, "confidence", confidence); }
        if (news.Value is { } value) { StatusJson.WriteReal(json, "value", value); }
        if (news.Unit.Length > 0) { json.WriteString("unit", news.Unit); }
        if (news.Since is { } since) { json.WriteString("since", StatusJson.Time(since)); }
        if (news.Alert.Length > 0) { json.WriteString("alert", news.Alert); }
        if (news.AlertAt is { } alertAt) { json.WriteString("alertAt", StatusJson.Time(alertAt)); }
        if (news.Where.Length > 0) { json.WriteString("where", news.Where); }
        if (news.Waiting is { } waiting)
        {
            json.WriteNumber("waiting", waiting);
            if (waiting > 0) { json.WriteString("label", LabelCommand(device, facts)); }
        }

        json.WriteEndObject();
    }

    private static void WriteOwn(Utf8JsonWriter json, OwnAccuracy own)
    {
        json.WriteStartObject("own");
        json.WriteNumber("version", own.Version);
        StatusJson.WriteScored(
            json, new(own.Windows, own.Right), new(own.NewestWindows, own.NewestRight), own.NewestLoss, own.Classes);
        StatusJson.WriteReal(json, "loss", own.Loss);
        StatusJson.WriteReal(json, "runningSeconds", own.Running.TotalSeconds);
        if (HoldUpText.Worst(own.HeldUp, own.Running) is { } worst) { json.WriteString("heldUp", HoldUpText.Of(worst)); }
        json.WriteStartObject("heldUpSeconds");
        foreach (var (block, time) in own.HeldUp) { StatusJson.WriteReal(json, block, time.TotalSeconds); }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string WordOf(DeviceStanding state) => state switch
    {
        DeviceStanding.Active => "active",
        DeviceStanding.Waiting => "waiting",
        DeviceStanding.Slow => "slow",
        DeviceStanding.Refused => "refused",
        DeviceStanding.Left => "left",
        _ => "quiet",
    };
}
