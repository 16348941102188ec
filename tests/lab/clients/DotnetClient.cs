// Calls the token endpoint and the API with HttpClient or HttpWebRequest; prints JSON as python_client.py does.
// Runs on Mono and on .NET: as a program, or as a start-up hook of another one that brings a runtime along.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text;

class StartupHook {
  public static void Initialize() {
    DotnetClient.Main(Environment.GetCommandLineArgs().Skip(1).ToArray());
    Environment.Exit(0);
  }
}

public class DotnetClient {
  static readonly bool Patient = Environment.GetEnvironmentVariable("CAPTURE_PATIENT") != null;
  const int LimitMs = 4000;

  public static void Main(string[] arguments) {
    var shown = new Dictionary<string, string>();
    string answered = null;
    try {
      if (arguments[0] == "http_client") ViaHttpClient(arguments[1], ref answered);
      else ViaWebRequest(arguments[1]);
    } catch (Exception error) {
      shown["traceback"] = error.ToString();
      var chain = new List<string>();
      for (var one = error; one != null; one = one.InnerException) chain.Add(one.GetType().Name + ": " + one.Message);
      shown["message"] = string.Join(" ---> ", chain);
      var refused = error as WebException;
      if (refused != null && refused.Response != null)
        using (var reader = new StreamReader(refused.Response.GetResponseStream())) answered = reader.ReadToEnd();
      if (!string.IsNullOrEmpty(answered)) shown["message"] += "\n" + Start(answered);
    }
    Console.WriteLine("{" + string.Join(", ", shown.Select(one => Quoted(one.Key) + ": " + Quoted(one.Value))) + "}");
  }

  static void ViaHttpClient(string address, ref string answered) {
    var client = new HttpClient();
    client.Timeout = Patient ? System.Threading.Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(LimitMs);
    var answer = client.PostAsync(address + "/oauth2/token", new FormUrlEncodedContent(Form())).GetAwaiter().GetResult();
    var token = Token(Read(answer, ref answered));
    client.DefaultRequestHeaders.Add("Authorization", "Bearer " + token);
    foreach (var path in Paths) Read(client.GetAsync(address + path).GetAwaiter().GetResult(), ref answered);
  }

  static string Read(HttpResponseMessage answer, ref string answered) {
    answered = answer.Content.ReadAsStringAsync().GetAwaiter().GetResult();
    answer.EnsureSuccessStatusCode();
    return answered;
  }

  static void ViaWebRequest(string address) {
    var form = new FormUrlEncodedContent(Form()).ReadAsStringAsync().GetAwaiter().GetResult();
    var token = Token(Ask(address + "/oauth2/token", form, null));
    foreach (var path in Paths) Ask(address + path, null, token);
  }

  static string Ask(string address, string form, string token) {
    var request = (HttpWebRequest)WebRequest.Create(address);
    if (!Patient) request.Timeout = LimitMs;
    if (token != null) request.Headers["Authorization"] = "Bearer " + token;
    if (form != null) {
      request.Method = "POST";
      request.ContentType = "application/x-www-form-urlencoded";
      var body = Encoding.ASCII.GetBytes(form);
      using (var stream = request.GetRequestStream()) stream.Write(body, 0, body.Length);
    }
    using (var answer = request.GetResponse())
    using (var reader = new StreamReader(answer.GetResponseStream())) return reader.ReadToEnd();
  }

  static readonly string[] Paths = { "/v3/workflows", "/v3/users" };

  static Dictionary<string, string> Form() {
    return new Dictionary<string, string> {
      { "grant_type", "client_credentials" },
      { "client_id", Environment.GetEnvironmentVariable("ALTERYX_CLIENT_ID") },
      { "client_secret", Environment.GetEnvironmentVariable("ALTERYX_CLIENT_SECRET") },
    };
  }

  static string Token(string answer) {
    int start = answer.IndexOf("\"access_token\"");
    if (start < 0) throw new InvalidDataException("no access_token in " + Start(answer));
    return answer.Substring(start).Split('"')[3];
  }

  static string Start(string text) { return text.Substring(0, Math.Min(600, text.Length)); }

  static string Quoted(string text) {
    var quoted = new StringBuilder("\"");
    foreach (var one in text)
      if (one < ' ' || one == '"' || one == '\\' || one > '~') quoted.AppendFormat("\\u{0:x4}", (int)one);
      else quoted.Append(one);
    return quoted.Append('"').ToString();
  }
}
