using System.Text.Json.Nodes;
using HeartSound.Edge.Outputs;
using HeartSound.Edge.Pipeline;

namespace HeartSound.Edge.HomeAssistant;

/// <summary>What of a device Home Assistant shows and can ask for. A value that nobody knows is rendered as <c>None</c>, which Home Assistant shows as "unknown": an
/// inconclusive verdict is neither an alarm nor none.</summary>
internal static class Entities
{
    private const string VerdictDetails =
        "{{ {'reason': value_json.reason, 'advice': value_json.advice, 'findings': value_json.findings, 'site': value_json.examination.site, 'time': value_json.time, " +
        "'clock_synced': value_json.clockSynced, 'series': value_json.series, 'sequence': value_json.sequence, 'id': value_json.id, " +
        "'model': value_json.model.id ~ ' ' ~ value_json.model.version, 'notice': 'A research tool, not a medical device'} | tojson }}";

    /// <summary>By their keys, which stay what they are: Home Assistant knows entities again by them.</summary>
    public static JsonObject Of(string device)
    {
        var latest = Topics.LatestVerdict(device);
        var health = Topics.Health(device);
        var entities = new JsonObject
        {
            ["verdict"] = Entity("sensor", "Verdict", latest, "{{ value_json.verdict }}", ("ic", "mdi:heart-pulse"), ("json_attr_t", latest), ("json_attr_tpl", VerdictDetails)),
            ["alarm"] = Entity("binary_sensor", "Alarm", latest, "{{ 'None' if value_json.alarm is none else ('ON' if value_json.alarm else 'OFF') }}", ("dev_cla", "problem")),
            ["alarm_probability"] = Percent("Alarm probability", latest, "value_json.alarmProbability"),
            ["confidence"] = Percent("Confidence", latest, "value_json.confidence"),
            ["quality"] = Percent("Sound quality", latest, "value_json.quality.score"),
            ["heart_rate"] = Number("Heart rate", latest, "value_json.heartRateBpm", "bpm", ("ic", "mdi:heart")),
            ["verdict_time"] = Entity("sensor", "Time of the verdict", latest, "{{ 'None' if value_json.clockSynced == false else value_json.time }}", ("dev_cla", "timestamp")),
            ["examination"] = Entity("sensor", "Examination", Topics.State(device, "examination"), "{{ value_json.value.phase }}",
                ("dev_cla", "enum"), ("ops", Words<ExaminationPhase>())),

            // The only one that says something of a device that is away.
            ["status"] = Entity("binary_sensor", "Status", Topics.Status(device), "{{ 'ON' if value_json.status == 'online' else 'OFF' }}",
                ("dev_cla", "connectivity"), ("ent_cat", "diagnostic"), ("avty", new JsonArray())),
            ["health"] = Entity("sensor", "Health", health, "{{ value_json.level }}", ("dev_cla", "enum"), ("ops", Words<Health.PartLevel>()), ("ent_cat", "diagnostic"),
                ("json_attr_t", health), ("json_attr_tpl", "{{ value_json.parts | tojson }}")),
            ["fault"] = Entity("binary_sensor", "Fault", health, "{{ 'OFF' if value_json.level == 'ok' else 'ON' }}", ("dev_cla", "problem"), ("ent_cat", "diagnostic")),
            ["temperature"] = Entity("sensor", "Temperature", health,
                "{{ 'None' if value_json.heat is none or value_json.heat.hottest is none else value_json.heat.hottest.celsius }}",
                ("dev_cla", "temperature"), ("unit_of_meas", "°C"), ("stat_cla", "measurement"), ("ent_cat", "diagnostic")),
            ["waiting"] = Entity("sensor", "Verdicts waiting", health, "{{ 'None' if value_json.outbox is none else value_json.outbox.waiting }}",
                ("stat_cla", "measurement"), ("ent_cat", "diagnostic"), ("ic", "mdi:tray-full")),
            ["model"] = Entity("sensor", "Model", health, "{{ 'None' if value_json.model is none else value_json.model.id ~ ' ' ~ value_json.model.version }}", ("ent_cat", "diagnostic")),

            ["identify"] = Button("Identify", device, "identify", "{}", ("dev_cla", "identify"), ("ent_cat", "config")),
            ["start"] = Button("Start examination", device, "examination", """{"action":"start"}""", ("ic", "mdi:play")),
            ["stop"] = Button("Stop examination", device, "examination", """{"action":"stop"}""", ("ic", "mdi:stop")),
            ["mute"] = Button("Lamps off for 10 minutes", device, "mute", """{"minutes":10}""", ("ent_cat", "config")),
            ["unmute"] = Button("Lamps on again", device, "mute", """{"minutes":0}""", ("ent_cat", "config")),
            ["restart_capture"] = Button("Restart the stethoscope", device, "restart-capture", "{}", ("dev_cla", "restart"), ("ent_cat", "config")),
        };
        foreach (var (site, name) in new[] { ("AV", "aortic"), ("PV", "pulmonary"), ("TV", "tricuspid"), ("MV", "mitral") })
            entities[$"start_{site.ToLowerInvariant()}"] = Button($"Listen at the {name} area", device, "examination", $$"""{"action":"start","site":"{{site}}"}""", ("en", false));

        foreach (var (key, entity) in entities) entity!["uniq_id"] = $"heartsound_{device}_{key}";
        return entities;
    }

    private static JsonObject Entity(string platform, string name, string topic, string template, params ReadOnlySpan<(string Name, JsonNode? Value)> more)
    {
        var entity = new JsonObject { ["p"] = platform, ["name"] = name, ["stat_t"] = topic, ["val_tpl"] = template, ["qos"] = 1 };
        foreach (var (key, value) in more) entity[key] = value;
        return entity;
    }

    private static JsonObject Percent(string name, string topic, string value) =>
        Entity("sensor", name, topic, $"{{{{ 'None' if {value} is none else ({value} * 100) | round(1) }}}}", ("unit_of_meas", "%"), ("stat_cla", "measurement"));

    private static JsonObject Number(string name, string topic, string value, string unit, params ReadOnlySpan<(string Name, JsonNode? Value)> more)
    {
        var entity = Entity("sensor", name, topic, $"{{{{ 'None' if {value} is none else {value} | round(0) | int }}}}", ("unit_of_meas", unit), ("stat_cla", "measurement"));
        foreach (var (key, part) in more) entity[key] = part;
        return entity;
    }

    private static JsonObject Button(string name, string device, string command, string payload, params ReadOnlySpan<(string Name, JsonNode? Value)> more)
    {
        var entity = new JsonObject { ["p"] = "button", ["name"] = name, ["cmd_t"] = Topics.Command(device, command), ["pl_prs"] = payload, ["qos"] = 1, ["ret"] = false };
        foreach (var (key, value) in more) entity[key] = value;
        return entity;
    }

    private static JsonArray Words<T>()
        where T : struct, Enum => [.. Enum.GetNames<T>().Select(n => JsonValue.Create(System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(n)))];
}
