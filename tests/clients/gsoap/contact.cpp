// gSOAP: a contact is created and edited over SOAP 1.1 and 1.2 through code generated from the
// WSDL, which reads answers strictly by its schema; refusals, a fault and lists are read.
#include <cstdlib>
#include <iostream>
#include <string>

#include "addeditSoap.nsmap"
#include "soapaddeditSoapProxy.h"

static const std::string FIRST = "Zoë <&> 𝄞";
static const std::string LAST = "O'\"Brien 日本";

static void hold(bool truth, const std::string &what) {
    if (!truth) {
        std::cerr << what << std::endl;
        std::exit(1);
    }
}

static std::string explain(addeditSoapProxy &proxy) {
    const std::string number = "error " + std::to_string(proxy.soap->error) + " of gSOAP";
    soap_set_fault(proxy.soap);
    const char **reason = soap_faultstring(proxy.soap);
    return reason && *reason ? number + ": " + *reason : number;
}

struct Values {
    std::string key = "cake-key", type = "affiliate", first = FIRST, last = LAST, mail = "zoe@example.com", none;
    int entity = 123456, id = 0;
};

/// Success, message and id of the contact that is made or edited.
static ns1__contact_USCOREaddedit_USCOREresponse send(addeditSoapProxy &proxy, const std::string &url, Values values) {
    _ns1__Contact contact;
    contact.api_USCOREkey = &values.key;
    contact.entity_USCOREtype = &values.type;
    contact.entity_USCOREid = &values.entity;
    contact.contact_USCOREid = &values.id;
    contact.include_USCOREin_USCOREmass_USCOREemail = true;
    contact.contact_USCOREfirst_USCOREname = &values.first;
    contact.contact_USCORElast_USCOREname = &values.last;
    contact.contact_USCOREemail_USCOREaddress = &values.mail;
    contact.contact_USCOREpassword = &values.none;
    contact.contact_USCOREdepartment_USCOREid = 0;
    contact.contact_USCORElanguage_USCOREid = 0;
    _ns1__ContactResponse response;
    const int error = proxy.Contact(url.c_str(), nullptr, &contact, response);
    hold(error == SOAP_OK, explain(proxy));
    hold(response.ContactResult != nullptr && response.ContactResult->message != nullptr, "there is no result");
    return *response.ContactResult;
}

static void over(short version, const std::string &base) {
    const std::string url = base + "/addedit.asmx", lists = base + "/get.asmx";
    const std::string name = version == 1 ? "SOAP 1.1: " : "SOAP 1.2: ";
    addeditSoapProxy proxy(SOAP_XML_STRICT | SOAP_C_UTFSTRING);
    soap_set_version(proxy.soap, version);

    auto made = send(proxy, url, Values());
    hold(made.success, name + *made.message);
    hold(*made.message == "Contact " + FIRST + " " + LAST + " Created", name + *made.message);

    Values edit;
    hold(made.contact_USCOREid != nullptr, name + "there is no contact_id");
    edit.id = *made.contact_USCOREid;
    edit.first = "Zed";
    auto edited = send(proxy, url, edit);
    hold(*edited.message == "Contact Zed " + LAST + " Updated", name + *edited.message);
    hold(edited.contact_USCOREid && *edited.contact_USCOREid == edit.id, name + "another contact was edited");

    Values refused;
    refused.key = "wrong";
    auto answer = send(proxy, url, refused);
    hold(!answer.success && *answer.message == "Invalid API Key", name + *answer.message);
    refused = Values();
    refused.id = 99999;
    answer = send(proxy, url, refused);
    hold(!answer.success && *answer.message == "Invalid Contact ID", name + *answer.message);

    std::string key = "cake-key";
    _ns1__Departments departments;
    departments.api_USCOREkey = &key;
    _ns1__DepartmentsResponse found;
    int error = proxy.Departments(lists.c_str(), nullptr, &departments, found);
    hold(error == SOAP_OK, name + explain(proxy));
    hold(found.DepartmentsResult->Department.size() == 3, name + "there are not three departments");
    hold(found.DepartmentsResult->Department[1]->department_USCOREname == "Marketing", name + "the second department is another");

    error = proxy.Departments(lists.c_str(), "http://cakemarketing.com/api/1/Nothing", &departments, found);
    hold(error == SOAP_FAULT || error == SOAP_CLI_FAULT, name + "an unknown action is not a fault: " + std::to_string(error));
    hold(explain(proxy).find("SOAPAction") != std::string::npos, name + explain(proxy));
}

int main(int count, char **arguments) {
    hold(count == 2, "usage: contact BASE");
    const std::string base = std::string(arguments[1]) + "/cake/api/1";
    over(1, base);
    over(2, base);
}
